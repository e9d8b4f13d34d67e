package io.faultline.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each random test replays from a seed: {@code -Dfaultline.seed=N}. */
class ReplayableSeedsTest {
  private static final Pattern UNKNOWN_SEED =
      Pattern.compile(
          "ThreadLocalRandom\\.current|new (?:Splittable)?Random\\(\\)|Math\\.random"
              + "|(?i:seed) = System\\.nanoTime");

  @Test
  void noRandomTestStartsFromASeedThatCannotBeGiven() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : ProjectFiles.texts()) {
      String name = ProjectFiles.ROOT.relativize(file).toString();
      if (name.contains("src/test/java") && !file.endsWith("ReplayableSeedsTest.java")) {
        UNKNOWN_SEED
            .matcher(Files.readString(file))
            .results()
            .forEach(match -> found.add(name + ": " + match.group()));
      }
    }
    assertThat(found)
        .as("write Long.getLong(\"faultline.seed\", System.nanoTime()), and print it")
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "long seed = System.nanoTime();",
        "SEED = System.nanoTime();",
        "ThreadLocalRandom.current().nextInt()",
        "new Random()",
        "new SplittableRandom().split()"
      })
  void seedThatCannotBeGivenIsFound(String line) {
    assertThat(UNKNOWN_SEED.matcher(line).find()).isTrue();
  }

  @Test
  void seedThatCanBeGivenIsNotFound() {
    String line = "long seed = Long.getLong(\"faultline.seed\", System.nanoTime());";
    assertThat(UNKNOWN_SEED.matcher(line).find()).isFalse();
  }
}
