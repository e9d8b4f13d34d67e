package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs with umap's interface on the pager. */
class UmapShimTest {
  @RegisterExtension private final Processes processes = new Processes();

  private Path program(Path library) throws IOException, InterruptedException {
    return CPrograms.compile(
        processes.file("umap_program"),
        List.of(),
        List.of(CPrograms.SOURCES.resolve("umap_program.c"), library));
  }

  @Test
  void programFindsWhatUmapPromises() throws Exception {
    Path library = CPrograms.umapLibrary(processes.file(""));
    Path program = program(library);
    PagerNode pager = PagerNode.start(processes, "64k"); // fewer pages than the program has
    Path store = pager.store("store", 64);
    Node run = pager.runUmapProgram(library, List.of(program.toString(), store.toString()));
    run.awaitSuccess();
    assertThat(run.out()).containsExactly("right");
    assertThat(run.err())
        .filteredOn(line -> line.contains("umap_fetch_and_pin"))
        .hasSize(1)
        .allMatch(line -> line.contains("cannot pin more than"));
  }

  @Test
  void programWithoutAPagerFailsWithTheReason() throws Exception {
    Path library = CPrograms.umapLibrary(processes.file(""));
    Path program = program(library);
    Path file = Files.write(processes.file("file"), new byte[64 * PagerNode.PAGE]);
    Node run =
        processes.startProgram(
            List.of(program.toString(), file.toString()), Map.of("LD_PRELOAD", library.toString()));
    run.awaitFailure(1, Node.LIMIT);
    assertThat(run.err()).anyMatch(line -> line.contains("FAULTLINE_PAGER_SOCKET is not set"));
  }

  @Test
  void umapsortSortsOnThePager() throws Exception {
    Path umapsort = UmapBuilds.program("umapsort");
    Path library = CPrograms.umapLibrary(processes.file(""));
    PagerNode pager = PagerNode.start(processes, "4m");
    Path file = pager.root().resolve("sorted");
    Node run =
        pager.runUmapProgram(
            library, List.of(umapsort.toString(), "-f", file.toString(), "-p", "4096", "-t", "2"));
    run.awaitSuccess();
    assertThat(run.err()).anyMatch(line -> line.startsWith("Validate took"));
    for (int page : List.of(0, 1, 4095)) { // ascending from 1 on
      assertThat(PagerNode.firstWord(file, page)).isEqualTo(page * 512L + 1);
    }
  }
}
