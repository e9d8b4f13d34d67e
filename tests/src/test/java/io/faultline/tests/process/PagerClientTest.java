package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The C client of the pager process, in programs of its own. */
class PagerClientTest {
  private static final int PAGES = 1024;
  private static final int FIRST = 3;
  private static final int PAGE = PagerNode.PAGE;
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Pattern MOST_USED = Pattern.compile("\"most_used_bytes\":(\\d+)");

  /** Ended by SIGSEGV, as Java shows it. */
  private static final int SEGMENTATION_FAULT = 128 + 11;

  /** Ended by SIGBUS. */
  private static final int BUS_ERROR = 128 + 7;

  @RegisterExtension private final Processes processes = new Processes();

  private Path model() throws IOException, InterruptedException {
    return CPrograms.withClient(processes.file(""), CPrograms.SOURCES.resolve("paged_model.c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1m", "32m"})
  void threadsFindWhatTheyStored(String buffer) throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, buffer);
    Path store = pager.store("a \"quoted\" name", PAGES + FIRST);
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Node client = pager.run(program, store, FIRST * PAGE, PAGES * PAGE, "random", 3, 40_000, seed);
    client.awaitSuccess();
    assertThat(client.out()).anyMatch(line -> line.startsWith("right "));
    Matcher used = MOST_USED.matcher(client.out().getLast());
    assertThat(used.find()).as(client.out().getLast()).isTrue();
    assertThat(Long.parseLong(used.group(1)))
        .isPositive()
        .isLessThanOrEqualTo(buffer.equals("1m") ? 1 << 20 : 32 << 20);
    byte[] before = Files.readAllBytes(store);
    for (int i = 0; i < FIRST * PAGE; i++) {
      assertThat(before[i]).as("byte %d, before the region", i).isZero();
    }
  }

  @Test
  void pagesOfAKilledClientAreInTheStore() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m");
    Path store = pager.store("store", PAGES);
    Node client = pager.run(program, store, 0, PAGES * PAGE, "fill");
    client.awaitOutput("filled");
    assertThat(PagerNode.firstWord(store, PAGES / 2 - 1))
        .as("flushed")
        .isEqualTo(word(PAGES / 2 - 1));
    client.kill();
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              for (int page = 0; page < PAGES; page++) {
                assertThat(PagerNode.firstWord(store, page))
                    .as("page %d", page)
                    .isEqualTo(word(page));
              }
            });
    pager.awaitLeft();
    Node next = pager.run(program, store, 5 * PAGE, PAGE, "look");
    next.awaitSuccess();
    assertThat(next.out()).containsExactly("first word " + word(5));
  }

  private static long word(int page) {
    return page * (long) PAGE / Long.BYTES + 1;
  }

  @Test
  void clientOfAKilledPagerEndsAndNeverSeesZeros() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m");
    Node client = pager.run(program, pager.store("store", PAGES), 0, PAGES * PAGE, "fill");
    client.awaitOutput("filled");
    pager.node().kill();
    assertThat(client.await(SOON)).isEqualTo(SEGMENTATION_FAULT);
  }

  @Test
  void readOnlyRegionReadsAndCannotBeWritten() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m");
    Path store = pager.store("store", 4);
    Node writer = pager.run(program, store, 0, 4 * PAGE, "write-protected");
    assertThat(writer.await(SOON)).isEqualTo(SEGMENTATION_FAULT);
    pager.awaitLeft();
    Node reader = pager.run(program, store, 0, 4 * PAGE, "look");
    reader.awaitSuccess();
    assertThat(reader.out()).containsExactly("first word 0");
  }

  /** The program may allow itself to store: the pager does not, and has no right to write. */
  @Test
  void storeToARegionThatWasMappedForReadingIsABusErrorAndReported() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m");
    Path store = pager.store("store", 4);
    Node writer = pager.run(program, store, 0, 4 * PAGE, "mprotected");
    assertThat(writer.await(SOON)).isEqualTo(BUS_ERROR);
    assertThat(writer.out()).containsExactly("first word 0");
    pager.node().awaitError("was stored to, but is read-only");
    pager.awaitLeft();
    assertThat(PagerNode.firstWord(store, 0)).isZero();
  }

  @Test
  void regionStaysWithinItsBudget() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "8m");
    Path store = pager.store("store", PAGES);
    Node client = pager.run(program, store, 0, PAGES * PAGE, "budget", 64 * PAGE);
    client.awaitSuccess();
    assertThat(client.out()).containsExactly("within " + 64 * PAGE);
    Node impossible = pager.run(program, store, 0, PAGES * PAGE, "budget", PAGE);
    assertRefused(impossible, "may have at most 4096 bytes of the buffer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lz4", "zstd"})
  void storeMayBeCompressedMemoryOfThePager(String codec) throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m", "--store-memory=4m," + codec);
    Node client = pager.run(program, "memory", 0, PAGES * PAGE, "budget", 64 * PAGE);
    client.awaitSuccess();
    pager.awaitLeft();
    Node next = pager.run(program, "memory", 5 * PAGE, PAGE, "look");
    next.awaitSuccess();
    assertThat(next.out()).as("what was stored").containsExactly("first word " + word(5));
  }

  @Test
  void refusalsSayWhatIsWrong() throws Exception {
    Path program = model();
    PagerNode pager = PagerNode.start(processes, "1m");
    Path store = pager.store("store", 4);
    Path outside =
        Files.copy(store, processes.file("outside"), StandardCopyOption.REPLACE_EXISTING);
    assertRefused(pager.run(program, outside, 0, PAGE, "look"), "outside");
    assertRefused(pager.run(program, store.resolveSibling("none"), 0, PAGE, "look"), "none");
    assertRefused(pager.run(program, store, 0, 5 * PAGE, "look"), "store");
    Node unaligned = pager.run(program, store, 100, PAGE, "look");
    unaligned.awaitFailure(1, SOON);
    assertThat(unaligned.err()).anyMatch(line -> line.contains("offset 100"));
    pager.node().kill();
    pager.node().await(SOON);
    Node late = pager.run(program, store, 0, PAGE, "look");
    late.awaitFailure(1, SOON);
    assertThat(late.err()).anyMatch(line -> line.contains("start faultline pager"));
  }

  private static void assertRefused(Node client, String words) throws InterruptedException {
    client.awaitFailure(1, SOON);
    assertThat(client.err())
        .hasSize(1)
        .anyMatch(line -> line.startsWith("the pager refuses: ") && line.contains(words));
  }
}
