package dev.roomcast.examples.collaboration;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.RoomHandle;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code PUT /workspaces/{w}/applications/{a}} with the application as JSON: updates it, and tells
 * everybody who watches it, on whichever instance.
 *
 * <p>The update is a logged event, so the room's history is the application's: who subscribes later
 * gets the newest state with {@code joined}. With the header {@code X-Session} the quick hint
 * {@code editing}, which is not logged, spares the session that caused it. Thread-safe.
 */
final class Applications extends HttpServlet {

  private static final long serialVersionUID = 1L;
  private static final Pattern PATH = Pattern.compile("/workspaces/([^/]+)/applications/([^/]+)");
  private static final int MAX_BYTES = 32 << 10;

  private final transient ChatNode chat;
  private final transient Workspaces workspaces;

  Applications(ChatNode chat, Workspaces workspaces) {
    this.chat = chat;
    this.workspaces = workspaces;
  }

  @Override
  protected void doPut(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Matcher path = PATH.matcher(request.getServletPath());
    if (!path.matches()) {
      response.sendError(404);
      return;
    }
    try {
      workspaces.check(workspaces.user(bearer(request)), path.group(1));
      byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
      if (body.length > MAX_BYTES) {
        response.sendError(413);
        return;
      }
      Json application = Json.parse(new String(body, StandardCharsets.UTF_8));
      RoomHandle room = chat.room(Workspaces.room(path.group(1), path.group(2)));
      room.announce("editing", Json.NULL, request.getHeader("X-Session"));
      Publication update =
          room.publish("application_updated", application).toCompletableFuture().join();
      response.setContentType("application/json");
      response.getWriter().print(Json.of("version", update.offset()));
    } catch (ChatException e) {
      response.sendError(e.code().httpStatus(), e.getMessage());
    } catch (CompletionException e) {
      ChatException problem = ChatException.of(e);
      response.sendError(problem.code().httpStatus(), problem.getMessage());
    }
  }

  private static String bearer(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
  }
}
