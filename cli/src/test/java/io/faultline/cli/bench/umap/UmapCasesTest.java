package io.faultline.cli.bench.umap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultline.cli.bench.report.TextReport;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.Ratio;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.result.Target;
import io.faultline.cli.output.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UmapCasesTest {
  private static final Path BUILD = Path.of("/build");
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path directory;
  private UmapLab lab;
  private final List<BenchCase> all = new ArrayList<>();

  @BeforeEach
  void createCases() throws IOException {
    Map<String, Path> files =
        Map.of(
            "umapsort", BUILD.resolve("umapsort"),
            "libumap.so", BUILD.resolve("libumap.so"),
            "pfbenchmark-read", BUILD.resolve("pfbenchmark-read"),
            "pfbenchmark-write", BUILD.resolve("pfbenchmark-write"),
            "pfbenchmark-readmodifywrite", BUILD.resolve("pfbenchmark-readmodifywrite"));
    lab =
        new UmapLab(
            UmapSettings.of(BUILD, null, false, null, null),
            new UmapBuild(files),
            new NativePrograms(directory, directory, directory),
            directory,
            ScratchDirectory.in(directory, "data"));
    all.addAll(UmapCases.ofProject(lab));
    all.addAll(UmapCases.references(lab));
  }

  @AfterEach
  void deleteFiles() {
    lab.close();
  }

  @Test
  void namesAreUniqueAndReferencesHaveACounterpart() {
    List<String> names = all.stream().map(BenchCase::name).toList();
    assertThat(names).doesNotHaveDuplicates();
    assertThat(all).extracting(BenchCase::counterpart).isSubsetOf(names);
    assertThat(UmapCases.ofProject(lab)).noneMatch(BenchCase::isReference);
    assertThat(UmapCases.references(lab)).allMatch(BenchCase::isReference);
  }

  @Test
  void targetsAndRatiosNameExistingCases() {
    Stream<String> known =
        Stream.concat(
            all.stream().map(BenchCase::name),
            Stream.of("umapsort", "umapsort-double").map(BestPageSize::nameFor));
    List<String> used =
        Stream.concat(
                Target.all().stream().flatMap(each -> Stream.of(each.name(), each.baseline())),
                Ratio.all().stream()
                    .flatMap(each -> Stream.of(each.numerator(), each.denominator())))
            .filter(name -> name.matches("(umapsort|access-).*"))
            .toList();
    assertThat(used).isNotEmpty().isSubsetOf(known.toList());
  }

  @Test
  void smallPagesRunOnceAndWhatMayBeTheBestRunsFirst() {
    assertThat(rounds("umapsort-umap-4k")).isEqualTo(1);
    assertThat(rounds("umapsort-umap-64k")).isEqualTo(1);
    for (String name : List.of("umapsort", "umapsort-mmap", "umapsort-umap-256k", "access-read")) {
      assertThat(rounds(name)).as(name).isEqualTo(5);
    }
    assertThat(UmapCases.references(lab))
        .extracting(BenchCase::name)
        .startsWith(
            "umapsort-mmap",
            "umapsort-umap-256k",
            "umapsort-umap-1m",
            "umapsort-umap-64k",
            "umapsort-umap-4k");
  }

  private int rounds(String name) {
    return all.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow()
        .rounds(5);
  }

  @Test
  void withoutNamesOneSizeIsSorted() {
    assertThat(all.stream().filter(UmapCases::isShort))
        .extracting(BenchCase::name)
        .contains("umapsort-umap-4k", "access-modify-mmap-random")
        .noneMatch(name -> name.startsWith("umapsort-double"));
  }

  @Test
  void eachSystemDoesTheSameWorkInTheSameMemory() {
    assertThat(command("umapsort"))
        .contains("--buffer=256m", "LD_PRELOAD=libumap.so", "-p 262144 -t 2");
    assertThat(command("umapsort-umap-256k"))
        .startsWith("UMAP_PAGESIZE=262144 UMAP_BUFSIZE=1024 ")
        .endsWith("-p 4096 -t 2");
    assertThat(command("umapsort-mmap")).contains("301989888 bytes").endsWith("-t 2 --usemmap");
    assertThat(command("umapsort-double-umap-1m"))
        .startsWith("UMAP_PAGESIZE=1048576 UMAP_BUFSIZE=512 ")
        .endsWith("-p 2048 -t 2");
    assertThat(command("access-read")).endsWith("-p 262144 -t 2 --noinit --shuffle -a 131072");
    assertThat(command("access-read-mmap-random")).contains("LD_PRELOAD=random_mmap.so");
    assertThat(command("access-write-umap-4k")).endsWith("-p 262144 -t 2");
  }

  private String command(String name) {
    return all.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow()
        .command();
  }

  @Test
  void bestPageSizeIsMarkedAndComparedWith() {
    Samples samples = new Samples();
    samples.add("umapsort", 0, Map.of(Metric.RUN_TIME, 20.0));
    samples.add("umapsort-umap-4k", 0, Map.of(Metric.RUN_TIME, 193.0));
    for (int round = 0; round < 3; round++) {
      // The best single run is another one's.
      samples.add("umapsort-umap-64k", round, Map.of(Metric.RUN_TIME, round == 0 ? 19.0 : 41.0));
      samples.add("umapsort-umap-256k", round, Map.of(Metric.RUN_TIME, 25.0));
    }
    samples.addProblem("umapsort-umap-1m", 0, "no reason", false);
    List<BenchCase> marked = BestPageSize.mark(all, samples);
    assertThat(marked)
        .extracting(BenchCase::name)
        .isEqualTo(all.stream().map(BenchCase::name).toList());
    assertThat(marked.stream().filter(each -> each.title().endsWith("(its best)")))
        .extracting(BenchCase::name)
        .containsExactly("umapsort-umap-256k");
    BenchResult result = new BenchResult(Map.of(), marked, samples);
    Ratio best =
        Ratio.all().stream()
            .filter(each -> each.denominator().equals("umapsort-umap-best"))
            .filter(each -> each.metric() == Metric.RUN_TIME)
            .findFirst()
            .orElseThrow();
    assertThat(result.ratios()).contains(best);
    assertThat(result.value(best).median()).isEqualTo(20.0 / 25);
  }

  @Test
  void runThatWasEndedIsABoundAndNotTheBest() {
    Samples samples = new Samples();
    samples.add("umapsort", 0, Map.of(Metric.RUN_TIME, 20.0));
    samples.addUnfinished("umapsort-umap-4k", 0, new UnfinishedException(160));
    List<BenchCase> marked = BestPageSize.mark(all, samples);
    assertThat(marked).noneMatch(each -> each.title().endsWith("(its best)"));
    BenchResult result = new BenchResult(Map.of(), marked, samples);
    assertThat(TextReport.of(result))
        .contains("| umapsort / umapsort-umap-4k, run time", "| < 0.13 ")
        .containsPattern("umap, 4 KiB pages +\\| > 160.0 \\[ended after 160 s\\]")
        .containsPattern("umapsort, run time, relative to umap 4k +\\| at most 0.15 +\\| < 0.13");
  }

  @Test
  void umapDoesNotRunWithFewerPagesThanItNeeds() {
    PagedProgram program =
        new PagedProgram(
            BUILD, List.of(), new UmapSettings.Size(64L << 20, 16L << 20), directory, false);
    assertThat(catchThrowable(() -> new UmapSystem(1 << 20).run(lab, program, LIMIT)))
        .isInstanceOf(BenchCase.CannotRunException.class)
        .hasMessageContaining("not 16");
  }
}
