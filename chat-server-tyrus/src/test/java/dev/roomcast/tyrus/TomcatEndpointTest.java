package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
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
    ChatFilter.builder(node).register(context);
  }

  @Override
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}
