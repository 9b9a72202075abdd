using System.Runtime.InteropServices;

namespace EventLedger.Validator;

/// <summary>How much native memory the C library keeps for threads that no longer use it.</summary>
public static class NativeArenas
{
    private const int ArenaMax = -8;

    /// <summary>
    /// Lets all threads share this many arenas, before the first of many threads checks a signature. By itself glibc gives each thread one, up to eight for
    /// each core, and each keeps what OpenSSL once needed there. Does nothing where the C library is another one.
    /// </summary>
    public static void Limit(int arenas)
    {
        try
        {
            _ = Mallopt(ArenaMax, arenas);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library has no arenas to limit.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mallopt(int parameter, int value);
}
