package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.ChatNode;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint in an embedded Tomcat, by its filter. */
class TomcatEndpointTest extends EndpointContract {

  private final Tomcat tomcat = new Tomcat();

  @TempDir private Path folder;

  @Override
  String start(ChatNode node) throws Exception {
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setEncodedSolidusHandling("passthrough");
    StandardContext context = (StandardContext) tomcat.addContext("", null);
    context.setClearReferencesRmiTargets(false);
    context.setClearReferencesThreadLocals(false);
    Tomcat.addServlet(context, "default", new DefaultServlet()).addMapping("/");

    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer((classes, servlets) -> deploy(node, servlets), Set.of());
    tomcat.start();
    return "http://127.0.0.1:" + tomcat.getConnector().getLocalPort();
  }

  void deploy(ChatNode node, ServletContext context) throws ServletException {
    ChatFilter.builder(node)
        .allowHost("127.0.0.1")
        .allowHost("chat.shop.example")
        .register(context);
  }

  @Test
  void onlyNamesThatAreAllowedAreAnswered() throws IOException {
    assertEquals(101, named("chat.shop.example").status);
    RawClient other = named("evil.example");
    assertEquals(refusesWithStatus() ? 400 : 101, other.status);
  }

  private RawClient named(String host) throws IOException {
    String base = "http://" + host + ":" + tomcat.getConnector().getLocalPort();
    return new RawClient(base, "/chat?name=Ann");
  }

  @Override
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}
