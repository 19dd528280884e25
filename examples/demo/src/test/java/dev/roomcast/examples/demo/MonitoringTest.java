package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.PrometheusText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The dashboard and the rules in {@code examples/monitoring} ask for what a node really tells. */
class MonitoringTest {

  private static final Path FOLDER = Path.of("../monitoring");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:roomcast|jvm|process)_[a-z0-9_]+\\b");

  /** Has series only after its first whole interval; see the tests of the core. */
  private static final String BUSIEST = "roomcast_busiest_room_messages";

  private static Set<String> told() {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).start();
        Figures figures = new Figures(chat, false)) {
      Set<String> names = new HashSet<>(new PrometheusText(figures.scrape()).names());
      names.add(BUSIEST);
      return names;
    }
  }

  private static void asksForWhatIsTold(List<String> expressions, Set<String> told) {
    for (String expression : expressions) {
      Set<String> asked = new TreeSet<>();
      Matcher matcher = METRIC.matcher(expression);
      while (matcher.find()) {
        asked.add(matcher.group());
      }
      assertTrue(!asked.isEmpty() || expression.startsWith("up{"), expression);
      asked.removeAll(told);
      assertEquals(Set.of(), asked, expression);
      assertEquals(count(expression, '('), count(expression, ')'), expression);
      assertEquals(count(expression, '{'), count(expression, '}'), expression);
      assertEquals(count(expression, '['), count(expression, ']'), expression);
    }
  }

  private static long count(String text, char which) {
    return text.chars().filter(c -> c == which).count();
  }

  private static Map<?, ?> map(Map<?, ?> of, String name) {
    return (Map<?, ?>) Objects.requireNonNull(of.get(name), name);
  }

  private static List<Map<?, ?>> list(Map<?, ?> of, String name) {
    List<Map<?, ?>> maps = new ArrayList<>();
    for (Object each : (List<?>) Objects.requireNonNull(of.get(name), name)) {
      maps.add((Map<?, ?>) Objects.requireNonNull(each));
    }
    return maps;
  }

  private static Object yaml(String file) throws IOException {
    return new Load(LoadSettings.builder().build())
        .loadFromString(Files.readString(FOLDER.resolve(file)));
  }

  @Test
  void everyPanelOfTheDashboardAsksForFiguresThatExist() throws IOException {
    JsonObject dashboard =
        JsonParser.parseString(Files.readString(FOLDER.resolve("dashboard.json")))
            .getAsJsonObject();
    List<String> expressions = new ArrayList<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      assertTrue(ids.add(panel.getAsJsonObject().get("id").getAsInt()), "ids are unique");
      JsonObject place = panel.getAsJsonObject().getAsJsonObject("gridPos");
      assertTrue(place.get("x").getAsInt() + place.get("w").getAsInt() <= 24);
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        expressions.add(target.getAsJsonObject().get("expr").getAsString());
      }
    }
    assertTrue(expressions.size() > 30);
    asksForWhatIsTold(expressions, told());
  }

  @Test
  void everyFigureOfANodeIsOnTheDashboard() throws IOException {
    String dashboard = Files.readString(FOLDER.resolve("dashboard.json"));
    for (String name : told()) {
      String family = name.replaceAll("_(bucket|sum|count|max)$", "");
      if (name.startsWith("roomcast_")) {
        assertTrue(dashboard.contains(family), name);
      }
    }
  }

  @Test
  void everyAlertAsksForFiguresThatExistAndSaysWhatToDo() throws IOException {
    List<String> expressions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<?, ?> file = (Map<?, ?>) yaml("alerts.yml");
    for (Map<?, ?> group : list(file, "groups")) {
      for (Map<?, ?> rule : list(group, "rules")) {
        assertTrue(names.add(String.valueOf(rule.get("alert"))), "names are unique");
        expressions.add(String.valueOf(rule.get("expr")));
        Map<?, ?> annotations = map(rule, "annotations");
        assertFalse(String.valueOf(annotations.get("summary")).isBlank());
        assertFalse(String.valueOf(annotations.get("description")).isBlank());
        assertTrue(Set.of("warning", "critical").contains(map(rule, "labels").get("severity")));
      }
    }
    assertTrue(names.size() > 10);
    asksForWhatIsTold(expressions, told());
  }

  @Test
  void theScrapeConfigurationNamesTheRulesAndThePath() throws IOException {
    Map<?, ?> file = (Map<?, ?>) yaml("prometheus.yml");
    assertEquals(List.of("alerts.yml"), file.get("rule_files"));
    Map<?, ?> job = list(file, "scrape_configs").get(0);
    assertEquals("/metrics", job.get("metrics_path"));
    assertEquals("roomcast", job.get("job_name"), "the alerts name it");
  }
}
