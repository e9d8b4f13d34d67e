package io.faultline.tests.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.IncomingState;
import io.faultline.source.OutgoingState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What Grafana would refuse, or show wrongly, in the dashboards of docs. */
class DashboardTest {
  private static final int COLUMNS = 24;

  /** Grafana refuses a dashboard that wants more, unless its administrator allows it. */
  private static final Duration SHORTEST_REFRESH = Duration.ofSeconds(5);

  private static final TimeSpan SPAN = new TimeSpan(1000, 1060, 1);

  private static List<Path> files() {
    return List.of(Dashboard.MIGRATIONS, Dashboard.PAGERS);
  }

  @ParameterizedTest
  @MethodSource("files")
  void panelsAreDistinctAndDoNotOverlap(Path file) throws Exception {
    List<Panel> panels = Dashboard.read(file).panels();
    assertThat(panels).extracting(Panel::id).doesNotHaveDuplicates();
    assertThat(panels).extracting(Panel::title).doesNotHaveDuplicates().doesNotContain("");
    for (Panel panel : panels) {
      assertThat(panel.grid().x() + panel.grid().width()).isLessThanOrEqualTo(COLUMNS);
      assertThat(panels)
          .filteredOn(other -> other.grid().overlaps(panel.grid()))
          .containsExactly(panel);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyUnitIsGrafanas(Path file) throws Exception {
    for (Panel panel : Dashboard.read(file).panels()) {
      assertThat(Units.KNOWN).contains(panel.unit()).containsAll(panel.unitsByName().values());
      assertThat(panel.targets().stream().map(Target::legend))
          .as("series with a unit of their own in %s", panel.title())
          .containsAll(panel.unitsByName().keySet());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyQueryFollowsTheVariables(Path file) throws Exception {
    JsonNode dashboard = Dashboard.json(file);
    Set<String> variables = new TreeSet<>(dashboard.at("/templating").findValuesAsString("name"));
    assertThat(variables).containsExactly("datasource", "instance", "scrape");
    for (JsonNode panel : dashboard.path("panels")) {
      assertThat(panel.path("targets").findValuesAsString("refId")).doesNotHaveDuplicates();
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.at("/datasource/uid").asString()).isEqualTo("${datasource}");
        assertThat(target.path("interval").asString()).isEqualTo("$scrape");
        assertThat(target.path("expr").asString()).contains("instance=~\"$instance\"");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void grafanaAcceptsTheRefreshInterval(Path file) throws Exception {
    String refresh = Dashboard.json(file).path("refresh").asString();
    assertThat(Duration.parse("PT" + refresh)).isGreaterThanOrEqualTo(SHORTEST_REFRESH);
  }

  @Test
  void stateTimelineNamesTheStatesOfBothNodes() throws Exception {
    Set<String> states =
        Stream.concat(Stream.of(OutgoingState.values()), Stream.of(IncomingState.values()))
            .map(state -> state.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new));
    Panel timeline =
        Dashboard.read().panels().stream()
            .filter(panel -> panel.type().equals("state-timeline"))
            .findFirst()
            .orElseThrow();
    assertThat(timeline.states().values())
        .extracting(Panel.State::name)
        .containsExactlyInAnyOrderElementsOf(states);
    timeline
        .states()
        .forEach(
            (value, state) ->
                assertThat(timeline.targets().getFirst().query())
                    .containsPattern(
                        "(?<!\\d)%d \\* faultline_migration_state\\{[^}]*state=\"%s\"}"
                            .formatted(value, state.name())));
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyPanelIsDrawn(Path file) throws Exception {
    JsonNode answer =
        new ObjectMapper()
            .readTree(
                """
                [{"metric": {"role": "source", "instance": "a", "le": "0.001", "part": "load"},
                  "values": [[1001, "3"], [1002, "4"], [1003, "NaN"]]}]
                """);
    Dashboard dashboard = Dashboard.read(file);
    String page = DashboardPage.of(dashboard, query -> answer, SPAN);
    for (Panel panel : dashboard.panels()) {
      assertThat(page).contains("data-panel='" + panel.title() + "'");
    }
    if (file.equals(Dashboard.MIGRATIONS)) {
      assertThat(page).contains("data-state='receiving'", "data-state='precopy'", "heat8", "4 s");
    }
    assertThat(page).doesNotContain("No data", "NaN", "Infinity");
  }
}
