using Hub.Storage;

namespace Hub.Classes;

/// <summary>A row of <c>classes</c> with the count of its students, as the database driver fills it.</summary>
internal sealed class ClassRow
{
    /// <summary>The columns of this row, of the tables <c>classes c</c>, <c>users h</c>, whose home the materials lie in, and the class' group <c>cg</c>.</summary>
    public const string Columns =
        """
        c.id, c.name, c.folder, c.environment, c.max_kernels, c.memory_bytes, c.cpu_milli, c.idle_seconds, c.ready_kernels, c.home_quota_bytes, c.capacity, c.guests, c.opens, c.closes, h.name AS materials_user,
          c.materials_path, c.code, c.code_closed, c.code_expires, c.code_max_uses, c.code_uses, c.created, c.ended, cg.name AS group_name,
          (SELECT COUNT(*) FROM class_members s WHERE s.class_id = c.id AND s.teacher = 0) AS students
        """;

    public const string Tables = "classes c LEFT JOIN users h ON h.id = c.materials_user LEFT JOIN user_groups cg ON cg.id = c.group_id";

    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string Folder { get; init; } = "";

    public string Environment { get; init; } = "";

    public long? MaxKernels { get; init; }

    public long? MemoryBytes { get; init; }

    public long? CpuMilli { get; init; }

    public long? IdleSeconds { get; init; }

    public long? ReadyKernels { get; init; }

    public long? HomeQuotaBytes { get; init; }

    public long Capacity { get; init; }

    public bool Guests { get; init; }

    public long? Opens { get; init; }

    public long? Closes { get; init; }

    public string? MaterialsUser { get; init; }

    public string MaterialsPath { get; init; } = "";

    public string? Code { get; init; }

    public bool CodeClosed { get; init; }

    public long? CodeExpires { get; init; }

    public long? CodeMaxUses { get; init; }

    public long CodeUses { get; init; }

    public long Created { get; init; }

    public long? Ended { get; init; }

    public string? GroupName { get; init; }

    public long Students { get; init; }

    public Class ToClass(IReadOnlyList<string> teachers) => new(Id, Name, Folder)
    {
        Environment = Environment,
        Limits = new((int?)MaxKernels, MemoryBytes, CpuMilli / 1000.0, IdleSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
        ReadyKernels = (int)(ReadyKernels ?? 0),
        HomeQuotaBytes = HomeQuotaBytes ?? 0,
        Capacity = (int)Capacity,
        Guests = Guests,
        Opens = StoredTime.FromStored(Opens),
        Closes = StoredTime.FromStored(Closes),
        MaterialsUser = MaterialsUser ?? "",
        MaterialsPath = MaterialsPath,
        Code = new(Code ?? "", CodeClosed, StoredTime.FromStored(CodeExpires), (int?)CodeMaxUses, (int)CodeUses),
        Created = StoredTime.FromStored(Created),
        Ended = StoredTime.FromStored(Ended),
        Group = GroupName,
        Students = (int)Students,
        Teachers = teachers,
    };
}
