using System.Data;
using Dapper;

namespace Hub.Storage;

/// <summary>A list as one parameter of a statement, as the engine takes it; see <see cref="HubDatabase.IsIn"/>.</summary>
public sealed class ListParameter(object value) : SqlMapper.ICustomQueryParameter
{
    /// <inheritdoc/>
    public void AddParameter(IDbCommand command, string name)
    {
        ArgumentNullException.ThrowIfNull(command);
        IDbDataParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
