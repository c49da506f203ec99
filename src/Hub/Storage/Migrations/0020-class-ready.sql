-- How many kernels are ready when the class opens; null is none.
ALTER TABLE classes ADD COLUMN ready_kernels INTEGER;
