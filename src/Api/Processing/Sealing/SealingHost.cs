using EventLedger.Api.Doors;
using EventLedger.Api.Host;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>Puts sealing together.</summary>
public static class SealingHost
{
    /// <summary>Registers the guard, the sealer and what follows the blocks. The order is the order of their start.</summary>
    public static void AddSealing(this IServiceCollection services, bool seals)
    {
        services.AddSingleton<Validators>();
        services.AddSingleton<IM2P, ValidatorHealth>();
        services.AddSingleton<BlockTaker>();
        services.AddSingleton<HandOver>();
        services.AddSingleton<Follow>();
        services.AddSingleton<Findings>();
        services.AddSingleton<EvidenceWatch>();
        services.AddSingleton<SealedBlocks>();
        services.AddHostedService(p => p.GetRequiredService<SealedBlocks>());
        services.AddHostedService(p => p.GetRequiredService<HostState>());
        services.AddSingleton<StoreGuard>();
        services.AddSingleton<Sealer>();
        if (seals)
        {
            services.AddHostedService(p => p.GetRequiredService<StoreGuard>());
            services.AddHostedService(p => p.GetRequiredService<Sealer>());
        }
    }
}
