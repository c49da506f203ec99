-- After how many seconds without use the kernels of a class' students are stopped; null leaves it to environment and hub.
ALTER TABLE classes ADD COLUMN idle_seconds INTEGER;
