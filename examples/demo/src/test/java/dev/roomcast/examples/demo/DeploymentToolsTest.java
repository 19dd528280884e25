package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The deployment examples as the tools read them that they are written for, each where it is on the
 * PATH. A broken file is shown to each as well: it has to be refused. Not a part of the usual
 * build, see examples/topology/README.md.
 */
@Tag("tools")
class DeploymentToolsTest {

  private static final Path EXAMPLES = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  /** What a tool said, and its exit code. */
  private record Answer(int code, String said) {}

  private static void needs(String tool) {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(entry -> !entry.isEmpty() && Files.isExecutable(Path.of(entry, tool)));
    if (!there) {
      missing(tool);
    }
  }

  private static void missing(String tool) {
    String what = "skipped: no " + tool + " on the PATH";
    if (Set.of(System.getProperty("roomcast.require", "").split(",")).contains(tool)) {
      fail(what);
    }
    System.err.println("DeploymentToolsTest " + what);
    Assumptions.abort(what);
  }

  private static Answer run(Path where, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
    builder.environment().put("REDIS_PASSWORD", "secret");
    builder.environment().put("GRAFANA_PASSWORD", "secret");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), said);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private static String text(String file) throws IOException {
    return Files.readString(EXAMPLES.resolve(file));
  }

  private static Object at(Object map, String name) {
    return Objects.requireNonNull(((Map<?, ?>) map).get(name), name);
  }

  @Test
  void prometheusTakesItsConfigurationsAndTheAlertRules() throws Exception {
    needs("promtool");
    Answer own =
        run(EXAMPLES.resolve("monitoring"), "promtool", "check", "config", "prometheus.yml");
    assertEquals(0, own.code(), own.said());
    Object compose =
        new Load(LoadSettings.builder().build()).loadFromString(text("docker-compose.yml"));
    Object inside = at(at(at(compose, "configs"), "prometheus"), "content");
    write("prometheus.yml", inside.toString());
    write("alerts.yml", text("monitoring/alerts.yml"));
    Answer composed = run(folder, "promtool", "check", "config", "prometheus.yml");
    assertEquals(0, composed.code(), composed.said());
    write("alerts.yml", text("monitoring/alerts.yml").replaceFirst("expr: ", "expr: ) "));
    assertNotEquals(0, run(folder, "promtool", "check", "config", "prometheus.yml").code());
  }

  @Test
  void kustomizePutsTheObjectsOfKubernetesTogether() throws Exception {
    needs("kubectl");
    Answer all = run(EXAMPLES, "kubectl", "kustomize", "kubernetes");
    assertEquals(0, all.code(), all.said());
    assertEquals(5, all.said().lines().filter(line -> line.startsWith("kind: ")).count());
    write("kustomization.yaml", text("kubernetes/kustomization.yaml"));
    assertNotEquals(0, run(folder, "kubectl", "kustomize", ".").code(), "its files are missing");
  }

  @Test
  void composeReadsItsFile() throws Exception {
    needs("docker");
    if (run(EXAMPLES, "docker", "compose", "version").code() != 0) {
      missing("docker compose");
    }
    List<String> check = List.of("docker", "compose", "-f", "docker-compose.yml", "config", "-q");
    Answer good = run(EXAMPLES, check.toArray(String[]::new));
    assertEquals(0, good.code(), good.said());
    write("docker-compose.yml", text("docker-compose.yml").replace("depends_on:", "depends_onn:"));
    assertNotEquals(0, run(folder, check.toArray(String[]::new)).code());
  }

  @Test
  void hadolintFindsNothingInTheDockerfile() throws Exception {
    needs("hadolint");
    Answer good = run(EXAMPLES, "hadolint", "Dockerfile");
    assertEquals(0, good.code(), good.said());
    write("Dockerfile", text("Dockerfile").replaceFirst("(FROM gcr.io/[^:]+):\\S+", "$1"));
    assertNotEquals(0, run(folder, "hadolint", "Dockerfile").code(), "an image without a tag");
  }
}
