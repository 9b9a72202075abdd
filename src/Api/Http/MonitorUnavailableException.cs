namespace EventLedger.Api.Http;

/// <summary>Supervisors' queries cannot be run: there is no connection that can read and cannot write.</summary>
public sealed class MonitorUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
