using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace EventLedger.Web.Site.Parts;

/// <summary>A heading whose level depends on how deep it stands.</summary>
public sealed class Headline : ComponentBase
{
    private const int LevelMax = 6;

    /// <summary>1 to 6; what is deeper is 6.</summary>
    [Parameter, EditorRequired]
    public int Level { get; set; }

    /// <summary>Its words.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment ChildContent { get; set; }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, $"h{Math.Min(Level, LevelMax)}");
        builder.AddContent(1, ChildContent);
        builder.CloseElement();
    }
}
