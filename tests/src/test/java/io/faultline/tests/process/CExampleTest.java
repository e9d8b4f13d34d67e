package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The C program in docs/pager-process.md compiles without warnings, and does what it says. */
class CExampleTest {
  private static final Path PAGE = Path.of("..", "docs", "pager-process.md");
  private static final Pattern C = Pattern.compile("(?ms)^```c\n(.*?)^```$");
  private static final int PAGES = 256;

  @RegisterExtension private final Processes processes = new Processes();

  private Path program() throws IOException, InterruptedException {
    List<String> blocks =
        C.matcher(Files.readString(PAGE)).results().map(block -> block.group(1)).toList();
    assertThat(blocks).hasSize(1);
    Path source = Files.writeString(processes.file("count.c"), blocks.getFirst());
    return CPrograms.withClient(processes.file(""), source);
  }

  @Test
  void exampleCountsInAFileThatIsLargerThanTheBuffer() throws Exception {
    Path program = program();
    PagerNode pager = PagerNode.start(processes, "256k");
    Path store = pager.store("counters", PAGES);
    for (int run = 1; run <= 2; run++) {
      Node count = pager.run(program, store, PAGES * PagerNode.PAGE);
      count.awaitSuccess();
      for (int page = 0; page < PAGES; page++) {
        assertThat(PagerNode.firstWord(store, page)).as("page %d", page).isEqualTo(run);
      }
    }
    Node wrong = pager.run(program, store.resolveSibling("none"), PagerNode.PAGE);
    wrong.awaitFailure(1, Node.LIMIT);
    assertThat(wrong.err()).anyMatch(line -> line.startsWith("count: the pager refuses: "));
  }
}
