using System.Text;

namespace EventLedger.Api.Http;

/// <summary>Request bodies of signed texts, which are ASCII.</summary>
public static class AsciiBody
{
    /// <summary>The body as text, without a trailing line end; null when it is larger than allowed.</summary>
    public static async ValueTask<string?> Read(HttpRequest request, int bytesMax, CancellationToken cancellation)
    {
        if (request.ContentLength > bytesMax)
        {
            return null;
        }
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.Buffer.Length > bytesMax)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }
            if (read.IsCompleted)
            {
                // What is not ASCII becomes a question mark, which no part of a JWT may hold.
                var text = Encoding.ASCII.GetString(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return text.EndsWith('\n') ? text.TrimEnd('\r', '\n') : text;
            }
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
