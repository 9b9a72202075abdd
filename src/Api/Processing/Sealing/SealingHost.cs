using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Processing.Controls;
using EventLedger.Api.Processing.Proofs;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>Puts the room of Processing together.</summary>
public static class SealingHost
{
    /// <summary>Registers what answers at its doors, the guard, the sealer and what follows the blocks. The order is the order of their start.</summary>
    public static void AddSealing(this IServiceCollection services, bool seals)
    {
        services.AddSingleton<Validators>();
        services.AddSingleton<ValidatorHealth>();
        services.AddSingleton<IM2P>(p => p.GetRequiredService<ValidatorHealth>());
        services.TryAddSingleton<AskStatus>(p => p.GetRequiredService<Validators>().Status);
        services.AddSingleton<ProofBuilder>();
        services.AddSingleton<ProcessingRequests>();
        services.AddSingleton<IP2R>(p => p.GetRequiredService<ProcessingRequests>());
        services.AddSingleton<IS2P>(p => p.GetRequiredService<ProcessingRequests>());
        services.AddSingleton<SetForecaster>();
        services.AddSingleton<IC2P, ProcessingControl>();
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
