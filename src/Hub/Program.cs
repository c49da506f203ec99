using Hub;

return await HubProcess.RunAsync(args);
