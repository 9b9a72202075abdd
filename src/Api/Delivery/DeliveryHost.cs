namespace EventLedger.Api.Delivery;

/// <summary>Puts the sending of messages together.</summary>
public static class DeliveryHost
{
    /// <summary>Registers tables and sender.</summary>
    public static void AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton<WebhookTables>();
        services.AddHostedService<Deliverer>();
    }

    /// <summary>Maps <c>/webhooks</c> below the reference point of data users.</summary>
    public static void MapDelivery(this IEndpointRouteBuilder u2s) => WebhookEndpoints.Map(u2s);
}
