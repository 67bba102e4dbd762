using System.Diagnostics;

namespace TaskSync.Tests.Crash;

/// <summary>A folder on a disk of its own that can be filled. Only root on Linux can make one; elsewhere it is an ordinary folder.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    public SmallDisk()
    {
        Folder = Directory.CreateTempSubdirectory("tasksync-disk-").FullName;
        _filler = Path.Combine(Folder, "filler");
        CanBeFilled = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", Folder);
    }

    public string Folder { get; }

    public bool CanBeFilled { get; }

    /// <summary>Not one byte more can be stored.</summary>
    public void Fill()
    {
        if (!CanBeFilled)
        {
            throw new InvalidOperationException("This is the disk of the machine: it is not filled.");
        }

        using var stream = new FileStream(_filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                stream.Write(page);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void MakeRoom() => File.Delete(_filler);

    public void Dispose()
    {
        if (CanBeFilled)
        {
            Run("umount", "--lazy", Folder);
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
