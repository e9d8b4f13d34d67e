package io.faultline.tests.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java code in docs/paging.md is the code that is compiled and run here, line for line. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagingPageTest {
  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final Path SOURCES = MODULE.resolve("src/test/java/io/faultline/tests/example");
  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```$");

  @Test
  void pageShowsTheCompiledExample() throws IOException {
    String page = Files.readString(MODULE.resolveSibling("docs/paging.md"));
    List<String> blocks = JAVA.matcher(page).results().map(block -> block.group(1)).toList();
    assertThat(blocks).containsExactly(Files.readString(SOURCES.resolve("PagedCounters.java")));
  }

  @Test
  void exampleCountsInAFileThatIsLargerThanItsMemory(@TempDir Path directory) throws IOException {
    assumeTrue(
        new LinuxKernel().supportedFeatures().contains(Feature.MOVE), "the kernel lacks MOVE");
    Path file = directory.resolve("counters");
    for (int run = 1; run <= 2; run++) {
      try (PagedCounters counters = new PagedCounters(file)) {
        counters.count(3000, new Random(run));
        assertThat(counters.sum()).isEqualTo(3000L * run);
      }
    }
  }
}
