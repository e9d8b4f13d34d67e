package io.faultline.pager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client process that is killed at any time. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledClientTest {
  private static final int PAGES = 200;
  private static final int KILLS = 3;
  private static final int BUFFER_PAGES = 48;

  @TempDir Path directory;

  /** Stores rounds of growing values to all pages, and flushes after each, until it is killed. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws IOException {
      try (TestClient client = new TestClient(Path.of(args[0]), PAGES)) {
        System.out.println(client.handOver());
        for (long round = client.load(0) + 1; ; round++) {
          for (int page = 0; page < PAGES; page++) {
            client.store(page, round);
          }
          client.request("{\"do\":\"flush\"}");
          System.out.println(round);
        }
      }
    }
  }

  @Test
  void whatWasFlushedIsInTheStoreAndTheNextClientFindsAllStores() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    try (TestPager pager = new TestPager(directory, BUFFER_PAGES, PAGES)) {
      long before = 0;
      for (int i = 0; i < KILLS; i++) {
        Process client = start(pager.socket);
        long flushed;
        try (BufferedReader lines = client.inputReader()) {
          assertThat(lines.readLine()).contains("\"ok\":true");
          flushed = Long.parseLong(lines.readLine());
          assertThat(flushed)
              .as("the first round of client %d, seed %d", i, seed)
              .isGreaterThan(before);
          Thread.sleep(random.nextInt(150));
          kill(client);
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            flushed = Long.parseLong(line);
          }
        } finally {
          client.destroyForcibly();
        }
        pager.awaitNoClients();
        for (int page = 0; page < PAGES; page++) {
          assertThat(TestPager.word(pager.store, page))
              .as("page %d, seed %d", page, seed)
              .isBetween(flushed, flushed + 1);
        }
        before = flushed;
      }
      assertThat(pager.pager.stats().usedPages()).isZero();
      assertThat(pager.events).filteredOn("left"::equals).hasSize(KILLS);
    }
  }

  /** Leaves its output to be read, which {@link Process#destroyForcibly} would close. */
  private static void kill(Process client) throws InterruptedException {
    assertThat(client.toHandle().destroyForcibly()).isTrue();
    client.waitFor();
  }

  private static Process start(Path socket) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Client.class.getName(),
            socket.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
