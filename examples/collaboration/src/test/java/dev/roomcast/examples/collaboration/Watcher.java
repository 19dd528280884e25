package dev.roomcast.examples.collaboration;

import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A user of a workspace with a connection to one instance, and all it received. Thread-safe. */
final class Watcher implements WebSocket.Listener {

  private static final Pattern SESSION = Pattern.compile("\"session\":\"([^\"]+)\"");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<String> received = new CopyOnWriteArrayList<>();
  private final String user;
  private final String workspace;
  private final byte[] secret;
  private final String instance;
  private final WebSocket socket;

  /**
   * Connects.
   *
   * @param instance host and port
   */
  Watcher(String user, String workspace, byte[] secret, String instance) throws JOSEException {
    this.user = user;
    this.workspace = workspace;
    this.secret = secret;
    this.instance = instance;
    socket =
        HTTP.newWebSocketBuilder()
            .header("Authorization", "Bearer " + token(user, secret))
            .buildAsync(URI.create("ws://" + instance + "/chat"), this)
            .join();
    awaitFrame("\"type\":\"welcome\"");
  }

  /** A token of a user, for ten minutes. */
  static String token(String user, byte[] secret) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .subject(user)
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build());
    token.sign(new MACSigner(secret));
    return token.serialize();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    received.add(text.toString());
    from.request(1);
    return null;
  }

  void command(String type, String application, String token) {
    String command =
        "{'type':'%s','id':1,'workspace':'%s','application':'%s','token':'%s'}"
            .formatted(type, workspace, application, token);
    socket.sendText(command.replace('\'', '"'), true).join();
  }

  void subscribe(String application) throws JOSEException {
    command("subscribe", application, token(user, secret));
    awaitFrame("\"type\":\"application_response\",\"data\":{\"status\":\"subscribed\"");
  }

  /** Updates an application on its instance. */
  HttpResponse<String> put(String path, String body)
      throws JOSEException, IOException, InterruptedException {
    return put(instance, token(user, secret), path, body, "");
  }

  /**
   * Updates an application.
   *
   * @param session who caused it, or empty
   */
  static HttpResponse<String> put(
      String instance, String token, String path, String body, String session)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + instance + path))
            .header("Authorization", "Bearer " + token)
            .PUT(HttpRequest.BodyPublishers.ofString(body));
    if (!session.isEmpty()) {
      request.header("X-Session", session);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  boolean has(String part) {
    return received.stream().anyMatch(frame -> frame.contains(part));
  }

  void awaitFrame(String part) {
    await("a frame with " + part + " among " + received)
        .atMost(Duration.ofSeconds(20))
        .until(() -> has(part));
  }

  String session() {
    Matcher matcher = SESSION.matcher(received.get(0));
    if (!matcher.find()) {
      throw new AssertionError("no session in " + received.get(0));
    }
    return matcher.group(1);
  }
}
