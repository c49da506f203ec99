namespace Hub.Http;

/// <summary>Reads what a page's form sent.</summary>
public static class FormBody
{
    /// <summary>The fields of the form.</summary>
    /// <exception cref="BadHttpRequestException">The body is no form (415), or a broken one (400).</exception>
    public static async Task<IFormCollection> ReadFormBodyAsync(this HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            throw new BadHttpRequestException(
                "This address takes a form: Content-Type must be application/x-www-form-urlencoded or multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException broken)
        {
            throw new BadHttpRequestException($"The form cannot be read: {broken.Message}", broken);
        }
    }
}
