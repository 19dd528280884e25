package dev.roomcast.tyrus;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/** Serves the browser client, the API's description, and the application's files. Immutable. */
final class HttpFiles {

  private static final Map<String, String> MEDIA_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "json", "application/json",
          "webmanifest", "application/manifest+json");

  /** What is in this module's jar, by path. */
  private static final Map<String, String> OWN =
      Map.of("/roomcast.js", "roomcast.js", "/api/openapi.json", "openapi.json");

  private final StaticFiles files;

  HttpFiles(StaticFiles files) {
    this.files = files;
  }

  /** Whether a path is this server's own file, wherever it is. */
  static boolean isOwn(String path) {
    return OWN.containsKey(path);
  }

  void serve(String path, Response response) throws IOException {
    byte[] bytes = bytes(path.endsWith("/") ? path + "index.html" : path);
    if (bytes == null && !path.endsWith("/") && bytes(path + "/index.html") != null) {
      // Addresses in a page are relative to its folder.
      response.setHeader("Location", path + "/");
      HttpAnswer.write(response, 301, "text/plain; charset=utf-8", new byte[0]);
      return;
    }
    if (bytes == null) {
      HttpAnswer.fail(response, 404, HttpAnswer.notFound());
      return;
    }
    String name = path.endsWith("/") ? "index.html" : path;
    String type = MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    HttpAnswer.write(response, 200, type == null ? "application/octet-stream" : type, bytes);
  }

  private byte @Nullable [] bytes(String path) throws IOException {
    if (path.contains("..") || !path.matches("(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")) {
      return null;
    }
    String own = OWN.get(path);
    if (own != null) {
      try (InputStream in = HttpFiles.class.getResourceAsStream(own)) {
        return in == null ? null : in.readAllBytes();
      }
    }
    return files.read(path);
  }
}
