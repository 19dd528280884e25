package dev.roomcast.examples.collaboration;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.tyrus.ChatFilter;
import dev.roomcast.tyrus.JwtAuthenticator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** One instance of the workspaces: Tomcat, the chat endpoint and the HTTP handler on one port. */
final class Collaboration implements AutoCloseable {

  private final Backend backend;
  private final ChatNode chat;
  private final Tomcat tomcat = new Tomcat();

  private Collaboration(
      Backend backend, JwtAuthenticator tokens, Map<String, Set<String>> members, int port)
      throws Exception {
    this.backend = backend;
    Workspaces workspaces = new Workspaces(tokens, members);
    chat =
        ChatNode.builder(backend)
            .authenticator(tokens)
            .authorizer((user, action, room) -> false) // all goes through the commands above
            .interceptor(workspaces.chain())
            .start();
    tomcat.setBaseDir(Files.createTempDirectory("collaboration").toString());
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer(
        (classes, servlets) -> ChatFilter.builder(chat).register(servlets), Set.of());
    Tomcat.addServlet(context, "applications", new Applications(chat, workspaces)).addMapping("/");
    tomcat.start();
  }

  /**
   * Starts an instance; those on one Redis are one system.
   *
   * @param members who may see and change a workspace: its name, and the ids of its users
   * @param port 0 for a free one
   */
  static Collaboration start(
      RedisOptions redis, byte[] secret, Map<String, Set<String>> members, int port)
      throws Exception {
    return new Collaboration(
        RedisBackend.connect(redis), JwtAuthenticator.secret(secret).build(), members, port);
  }

  boolean ready() {
    return chat.ready();
  }

  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() throws LifecycleException {
    chat.close();
    tomcat.stop();
    tomcat.destroy();
    backend.close();
  }

  /** Runs an instance for the workspace {@code demo} of the users {@code ann} and {@code bob}. */
  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      System.err.println("expected: PORT REDIS_URL FILE_WITH_THE_JWT_SECRET");
      System.exit(2);
    }
    Collaboration instance =
        start(
            RedisOptions.of(args[1]).namespace("dev:collaboration"),
            Files.readAllBytes(Path.of(args[2])),
            Map.of("demo", Set.of("ann", "bob")),
            Integer.parseInt(args[0]));
    System.out.println("listening on 127.0.0.1:" + instance.port());
    instance.tomcat.getServer().await();
  }
}
