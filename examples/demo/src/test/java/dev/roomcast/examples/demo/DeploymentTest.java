package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.PrometheusText;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.tyrus.ChatServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the deployment examples name exists in the demo, and fits together. */
class DeploymentTest {

  private static final Path EXAMPLES = Path.of("..");
  private static final int NODE_PORT = 5000;
  private static final String USER = "65532";
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::\\?[^}]*)?}");

  private final Map<?, ?> compose = compose();
  private final Map<?, ?> deployment = kubernetes("deployment");

  private static String text(String file) {
    try {
      return Files.readString(EXAMPLES.resolve(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<?, ?> yaml(String text) {
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  private static Map<?, ?> compose() {
    Matcher variables = VARIABLE.matcher(text("docker-compose.yml"));
    return yaml(variables.replaceAll("secret"));
  }

  private static Map<?, ?> kubernetes(String name) {
    return yaml(text("kubernetes/" + name + ".yaml"));
  }

  /** What is at the end of a path of names and numbers, with dots between. */
  private static Object at(Object of, String path) {
    Object now = of;
    for (String step : path.split("\\.")) {
      now =
          step.matches("[0-9]+")
              ? ((List<?>) now).get(Integer.parseInt(step))
              : ((Map<?, ?>) now).get(step);
      Objects.requireNonNull(now, () -> step + " of " + path);
    }
    return now;
  }

  private static Map<?, ?> map(Object of, String path) {
    return (Map<?, ?>) at(of, path);
  }

  private static List<?> list(Object of, String path) {
    return (List<?>) at(of, path);
  }

  /** A service, with what it takes over from others. */
  private Map<?, ?> service(String name) {
    Map<Object, Object> service = new LinkedHashMap<>(map(compose, "services." + name));
    Object merged = service.remove("<<");
    if (merged != null) {
      ((Map<?, ?>) merged).forEach(service::putIfAbsent);
    }
    return service;
  }

  private static Map<String, String> strings(Map<?, ?> map) {
    Map<String, String> strings = new HashMap<>();
    map.forEach((name, value) -> strings.put((String) name, (String) value));
    return strings;
  }

  private static Map<String, String> environment(Object container) {
    Map<String, String> variables = new HashMap<>();
    for (Object each : list(container, "env")) {
      Object value = ((Map<?, ?>) each).get("value");
      variables.put((String) at(each, "name"), value == null ? "redis://redis" : (String) value);
    }
    return variables;
  }

  private static Duration seconds(Object text) {
    assertTrue(text.toString().matches("[0-9]+s"), text::toString);
    return Duration.ofSeconds(Integer.parseInt(text.toString().replace("s", "")));
  }

  /** Reads what a node would be told, which throws when it is no setting or a bad value. */
  private static Settings settings(Map<String, String> environment) {
    Settings settings = Settings.read(Map.of(), environment);
    assertEquals("0.0.0.0", settings.text(Setting.HOST));
    assertEquals(NODE_PORT, settings.number(Setting.PORT, 1, 65_535));
    assertEquals("on", settings.word(Setting.METRICS, "on", "off", "rooms"));
    assertEquals("json", settings.word(Setting.LOG, "text", "json"));
    assertEquals(1, settings.list(Setting.TRUSTED_PROXY).size());
    RedisOptions options = RedisOptions.of(settings.text(Setting.REDIS));
    assertEquals(
        settings.text(Setting.NAMESPACE),
        options.namespace(settings.text(Setting.NAMESPACE)).namespace());
    return settings;
  }

  @Test
  void threeNodesOfTheComposeFileHaveSettingsThatExist() {
    for (String name : List.of("node1", "node2", "node3")) {
      Map<?, ?> node = service(name);
      Settings settings = settings(strings(map(node, "environment")));
      assertTrue(
          seconds(at(node, "stop_grace_period")).compareTo(settings.limits().drain()) > 0, name);
      assertEquals(true, node.get("read_only"));
      assertEquals("redis://:secret@redis:6379", settings.text(Setting.REDIS));
      assertEquals(
          List.of(at(compose, "networks.default.ipam.config.0.subnet")),
          settings.list(Setting.TRUSTED_PROXY));
    }
  }

  @Test
  void theServicesOfTheComposeFileDependOnEachOtherAndOnFilesThatExist() {
    Set<?> services = map(compose, "services").keySet();
    assertEquals(
        Set.of("node1", "node2", "node3", "redis", "haproxy", "prometheus", "grafana"), services);
    Set<?> volumes = map(compose, "volumes").keySet();
    Set<?> configs = map(compose, "configs").keySet();
    for (Object name : services) {
      Map<?, ?> service = service((String) name);
      Object needed = service.get("depends_on");
      if (needed instanceof Map<?, ?> conditions) {
        assertTrue(services.containsAll(conditions.keySet()));
      } else if (needed != null) {
        assertTrue(services.containsAll((List<?>) needed));
      }
      if (service.containsKey("volumes")) {
        for (Object volume : list(service, "volumes")) {
          String source = volume.toString().split(":")[0];
          assertTrue(
              source.startsWith("./")
                  ? Files.isRegularFile(EXAMPLES.resolve(source))
                  : volumes.contains(source),
              source);
        }
      }
      if (service.containsKey("configs")) {
        list(service, "configs").forEach(at -> assertTrue(configs.contains(at(at, "source"))));
      }
    }
    assertTrue(Files.isRegularFile(EXAMPLES.resolve("Dockerfile")));
  }

  @Test
  void redisOfTheComposeFileKeepsWhatItWasGiven() {
    Map<?, ?> redis = service("redis");
    String command =
        list(redis, "command").stream().map(Object::toString).collect(Collectors.joining(" "));
    assertTrue(command.startsWith("redis-server --appendonly yes --appendfsync everysec"), command);
    assertTrue(command.contains("--maxmemory-policy noeviction"), command);
    assertTrue(command.endsWith("--requirepass secret"), command);
    assertEquals(List.of("redis:/data"), redis.get("volumes"));
    assertTrue(list(redis, "healthcheck.test").get(1).toString().contains("redis-cli ping"));
  }

  @Test
  void prometheusOfTheComposeFileAsksEveryNodeAndGrafanaHasTheDashboard() {
    Map<?, ?> prometheus = yaml((String) at(compose, "configs.prometheus.content"));
    assertEquals(
        List.of("node1:5000", "node2:5000", "node3:5000"),
        at(prometheus, "scrape_configs.0.static_configs.0.targets"));
    Map<?, ?> own = yaml(text("monitoring/prometheus.yml"));
    for (String same : List.of("rule_files", "scrape_configs.0.job_name", "global")) {
      assertEquals(at(own, same), at(prometheus, same));
    }
    Map<?, ?> source = yaml((String) at(compose, "configs.grafana-datasource.content"));
    assertEquals("http://prometheus:9090", at(source, "datasources.0.url"));
    Map<?, ?> dashboards = yaml((String) at(compose, "configs.grafana-dashboards.content"));
    String folder = (String) at(dashboards, "providers.0.options.path");
    assertTrue(
        list(service("grafana"), "volumes")
            .contains("./monitoring/dashboard.json:" + folder + "/dashboard.json:ro"));
  }

  @Test
  void haproxyKnowsTheNodesOfTheComposeFileAndStaysAtNone() {
    String configuration = text("haproxy.cfg");
    for (int i = 1; i <= 3; i++) {
      assertTrue(
          configuration.contains("presetenv ROOMCAST_NODE_" + i + " node" + i + ":" + NODE_PORT));
      assertTrue(configuration.contains("server node" + i + " \"${ROOMCAST_NODE_" + i + "}\""));
    }
    assertFalse(configuration.matches("(?s).*\\b(cookie|stick)\\b.*"));
    assertTrue(configuration.contains("presetenv ROOMCAST_BIND :8080"));
    assertEquals(List.of("127.0.0.1:8080:8080"), service("haproxy").get("ports"));
    assertTrue(configuration.contains("presetenv ROOMCAST_STATS_BIND :8404"));
    assertTrue(text("docker-compose.yml").contains("haproxy:8404"));
  }

  @Test
  void everyPathThatIsProbedIsServed() throws Exception {
    Set<String> paths = new TreeSet<>(Set.of("/metrics"));
    Matcher check = Pattern.compile("meth GET uri (\\S+)").matcher(text("haproxy.cfg"));
    assertTrue(check.find());
    paths.add(check.group(1));
    Map<?, ?> container = map(deployment, "spec.template.spec.containers.0");
    for (String probe : List.of("readinessProbe", "livenessProbe", "startupProbe")) {
      paths.add((String) at(container, probe + ".httpGet.path"));
      assertEquals(at(container, "ports.0.name"), at(container, probe + ".httpGet.port"));
    }
    assertEquals(Set.of("/health/live", "/health/ready", "/metrics"), paths);
    assertEquals("/health/ready", at(container, "readinessProbe.httpGet.path"));
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).start();
        Figures figures = new Figures(chat, false);
        ChatServer server = ChatServer.builder(chat).port(0).metrics(figures::scrape).start()) {
      HttpClient http = HttpClient.newHttpClient();
      for (String path : paths) {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path);
      }
    }
  }

  @Test
  void podsHaveSettingsThatExistAndTimeToDrain() {
    Map<?, ?> pod = map(deployment, "spec.template.spec");
    Map<?, ?> container = map(pod, "containers.0");
    Settings settings = settings(environment(container));
    assertEquals(NODE_PORT, at(container, "ports.0.containerPort"));
    assertEquals(
        Integer.toString(NODE_PORT),
        map(deployment, "spec.template.metadata.annotations").get("prometheus.io/port"));
    Duration needed =
        settings
            .limits()
            .drain()
            .plusSeconds((Integer) at(container, "lifecycle.preStop.sleep.seconds"));
    Duration given = Duration.ofSeconds((Integer) at(pod, "terminationGracePeriodSeconds"));
    assertTrue(given.compareTo(needed.plusSeconds(5)) >= 0, () -> given + " for " + needed);
    assertEquals(0, at(deployment, "spec.strategy.rollingUpdate.maxUnavailable"));
  }

  @Test
  void podsRunWithoutRightsAsTheUserOfTheImage() {
    Map<?, ?> pod = map(deployment, "spec.template.spec");
    assertEquals(true, at(pod, "securityContext.runAsNonRoot"));
    assertEquals(USER, at(pod, "securityContext.runAsUser").toString());
    assertTrue(text("Dockerfile").contains("\nUSER " + USER + ":" + USER + "\n"));
    Map<?, ?> container = map(pod, "containers.0.securityContext");
    assertEquals(true, container.get("readOnlyRootFilesystem"));
    assertEquals(false, container.get("allowPrivilegeEscalation"));
    assertEquals(List.of("ALL"), at(container, "capabilities.drop"));
    assertEquals(false, at(pod, "automountServiceAccountToken"));
  }

  @Test
  void theObjectsOfKubernetesAreAboutTheSamePods() {
    Map<?, ?> labels = map(deployment, "spec.template.metadata.labels");
    assertEquals(labels, at(deployment, "spec.selector.matchLabels"));
    assertEquals(labels, at(kubernetes("service"), "spec.selector"));
    assertEquals(labels, at(kubernetes("disruption-budget"), "spec.selector.matchLabels"));
    assertEquals(labels, at(kubernetes("network-policy"), "spec.podSelector.matchLabels"));
    assertEquals("http", at(kubernetes("service"), "spec.ports.0.targetPort"));
    assertEquals("http", at(kubernetes("network-policy"), "spec.ingress.0.ports.0.port"));
    assertEquals(1, at(kubernetes("disruption-budget"), "spec.maxUnavailable"));
    assertEquals(
        at(deployment, "metadata.name"), at(kubernetes("autoscaler"), "spec.scaleTargetRef.name"));
    assertFalse(map(deployment, "spec").containsKey("replicas"), "the autoscaler says how many");
    List<?> resources = list(kubernetes("kustomization"), "resources");
    assertEquals(5, resources.size());
    resources.forEach(
        file -> assertTrue(Files.isRegularFile(EXAMPLES.resolve("kubernetes/" + file))));
  }

  @Test
  void theAutoscalerAsksForAFigureThatANodeTells() {
    List<String> metrics = new ArrayList<>();
    for (Object metric : list(kubernetes("autoscaler"), "spec.metrics")) {
      if (at(metric, "type").equals("Pods")) {
        metrics.add((String) at(metric, "pods.metric.name"));
      }
    }
    assertEquals(List.of("roomcast_connections"), metrics);
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).start();
        Figures figures = new Figures(chat, false)) {
      assertTrue(new PrometheusText(figures.scrape()).names().containsAll(metrics));
    }
  }

  @Test
  void theImageRunsTheJarThatTheBuildMakes() {
    String file = text("Dockerfile");
    assertTrue(file.contains("target/roomcast-demo.jar /app/roomcast-demo.jar"));
    assertTrue(file.contains("\"-jar\", \"/app/roomcast-demo.jar\"]"), "in the form without shell");
    assertTrue(file.contains("EXPOSE " + NODE_PORT + "\n"));
    assertTrue(file.contains("\nENV " + Settings.variable(Setting.HOST.key()) + "=0.0.0.0\n"));
  }
}
