package dev.roomcast.examples.snippets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The code in the documents and in the Javadoc compiles as it stands there. */
class SnippetsTest {

  /** What a snippet may use without saying where it comes from. */
  private static final String PRELUDE =
      """
      import dev.roomcast.chat.*;
      import dev.roomcast.redis.*;
      import dev.roomcast.tyrus.*;
      import io.micrometer.prometheusmetrics.*;
      import java.net.URI;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.*;

      abstract class Snippet {
        interface Users { User verify(String token); }
        interface AccessList { boolean allows(String user, Authorizer.Action action, String room); }

        interface Words { String soften(String text); }

        Users users;
        Words words;
        AccessList acl;
        ChatNode chat;
        jakarta.servlet.ServletContext servletContext;
        jakarta.websocket.server.ServerContainer container;
        org.slf4j.Logger log;

        void snippet() throws Exception {
      """;

  private static final String END = "\n  }\n}\n";

  private static final Pattern MARKDOWN = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern JAVADOC =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n *\\* *\\}</pre>", Pattern.DOTALL);

  @TempDir Path out;

  private record Snippet(String where, String code) {}

  @TestFactory
  Stream<DynamicTest> everySnippetCompiles() throws IOException {
    List<Snippet> snippets = snippets();
    assertTrue(
        snippets.stream().anyMatch(s -> s.where().startsWith("README.md")), "README.md has code");
    assertTrue(snippets.size() >= 6, "found only " + snippets);
    return snippets.stream()
        .map(
            snippet ->
                DynamicTest.dynamicTest(
                    snippet.where(), () -> assertEquals("", errors(snippet.code()))));
  }

  @Test
  void aSnippetThatDoesNotCompileIsFound() {
    assertTrue(errors("chat.rom(\"orders\");").contains("cannot find symbol"));
  }

  private String errors(String code) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return PRELUDE + code + END;
          }
        };
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> options =
        List.of("-proc:none", "-d", out.toString(), "-classpath", classPath, "--release", "17");
    boolean ok = compiler.getTask(null, null, found, options, null, List.of(source)).call();
    return ok
        ? ""
        : found.getDiagnostics().stream()
            .map(problem -> problem.getMessage(null))
            .collect(Collectors.joining("\n", "\n", "\nin\n" + code));
  }

  private static List<Snippet> snippets() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("chat-core"))) {
      root = root.getParent();
    }
    List<Snippet> snippets = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(SnippetsTest::isDocument).sorted().toList()) {
        find(snippets, root.relativize(file).toString(), Files.readString(file));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return snippets;
  }

  private static boolean isDocument(Path file) {
    String path = file.toString().replace('\\', '/');
    return !path.contains("/target/")
        && (path.endsWith(".md") || path.endsWith(".java") && path.contains("/src/main/java/"));
  }

  private static void find(List<Snippet> snippets, String file, String text) {
    Matcher found = (file.endsWith(".md") ? MARKDOWN : JAVADOC).matcher(text);
    while (found.find()) {
      long line = text.substring(0, found.start()).lines().count() + 1;
      String code = found.group(1);
      if (!file.endsWith(".md")) {
        code =
            code.lines().map(l -> l.replaceFirst("^ *\\*", "")).collect(Collectors.joining("\n"));
      }
      snippets.add(new Snippet(file + ":" + line, code));
    }
  }
}
