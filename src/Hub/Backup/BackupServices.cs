namespace Hub.Backup;

/// <summary>Registers what writes and reads archives of everything the hub keeps.</summary>
public static class BackupServices
{
    public static IServiceCollection AddBackup(this IServiceCollection services)
    {
        services.AddSingleton<BackupWriter>();
        services.AddSingleton<BackupReader>();
        services.AddSingleton<HomeOwners>();
        return services;
    }
}
