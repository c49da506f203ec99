using Hub;

await HubApplication.Create(args).RunAsync();
