using System.Reflection;
using Microsoft.Data.SqlClient;

namespace TaskSync.Tests.Data;

/// <summary>An error as SQL Server tells it. Its makers let nobody else construct one.</summary>
internal static class SqlServerError
{
    public static SqlException Of(int number, string message = "")
    {
        const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        var error = typeof(SqlError).GetConstructors(Hidden).MinBy(c => c.GetParameters().Length)!;
        var errors = (SqlErrorCollection)Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        typeof(SqlErrorCollection).GetMethod("Add", Hidden)!.Invoke(errors, [error.Invoke([.. error.GetParameters().Select((p, i) => i == 0 ? number : p.Name == "errorMessage" ? message : Default(p.ParameterType))])]);
        var make = typeof(SqlException).GetMethods(Hidden).Where(m => m.Name == "CreateException").MinBy(m => m.GetParameters().Length)!;
        return (SqlException)make.Invoke(null, [errors, .. make.GetParameters().Skip(1).Select(p => Default(p.ParameterType))])!;

        static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : type == typeof(string) ? "" : null;
    }
}
