using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TaskSync.Benchmarks.Workers;

/// <summary>The peers that are written in JavaScript.</summary>
internal static class Peers
{
    /// <summary>Where they are: beside the sources of this program.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!, "peers");

    /// <summary>Installs what they need, where it is missing. better-sqlite3 may be compiled, which takes minutes.</summary>
    public static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "better-sqlite3")))
        {
            return;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder })!;
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException("npm ci did not work in benchmarks/peers: the benchmarks need node 20 or later, and make and a C++ compiler where better-sqlite3 has no binary.");
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
