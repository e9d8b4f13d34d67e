package io.faultline.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients on the real kernel, in this process: their threads fault in native code. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerServerTest {
  private static final int BUFFER_PAGES = 64;
  private static final int PAGES = 256;

  @TempDir Path directory;

  /** Loads find what was stored last; flushes and the end of a client bring it to the store. */
  @Test
  void clientsShareABufferAndFindWhatTheyStored() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    try (TestPager pager = new TestPager(directory, BUFFER_PAGES, 2 * PAGES)) {
      List<CompletableFuture<long[]>> clients = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int part = i;
        clients.add(CompletableFuture.supplyAsync(() -> runClient(pager, part, seed + part)));
      }
      for (int part = 0; part < 2; part++) {
        long[] stored = clients.get(part).get();
        pager.awaitNoClients();
        for (int page = 0; page < PAGES; page++) {
          assertThat(TestPager.word(pager.store, part * PAGES + page))
              .as("page %d of client %d, seed %d", page, part, seed)
              .isEqualTo(stored[page]);
        }
      }
      assertThat(pager.pager.stats().mostUsedPages()).isLessThanOrEqualTo(BUFFER_PAGES);
      assertThat(pager.pager.stats().usedPages()).isZero();
      assertThat(pager.pager.stats().evictedDirty()).isPositive();
    }
  }

  private long[] runClient(TestPager pager, int part, long seed) {
    Random random = new Random(seed);
    long[] stored = new long[PAGES];
    try (TestClient client = new TestClient(pager.socket, PAGES)) {
      String region = client.region(",\"store_offset\":" + part * (PAGES * TestClient.PAGE));
      assertThat(client.handOver(region)).contains("\"ok\":true");
      for (int i = 0; i < 20_000; i++) {
        int page = random.nextInt(8) == 0 ? random.nextInt(PAGES) : i % PAGES;
        assertThat(client.load(page)).as("page %d, seed %d", page, seed).isEqualTo(stored[page]);
        switch (random.nextInt(2000)) {
          case 0 -> flush(client, pager, part, page, stored);
          case 1 -> {
            assertThat(client.request(range("discard", page))).isEqualTo("{\"ok\":true}");
            stored[page] = 0;
          }
          case 2 -> assertThat(client.request(range("prefetch", page))).isEqualTo("{\"ok\":true}");
          default -> {
            stored[page] = random.nextLong();
            client.store(page, stored[page]);
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return stored;
  }

  private static void flush(TestClient client, TestPager pager, int part, int page, long[] stored)
      throws IOException {
    assertThat(client.request(range("flush", page))).isEqualTo("{\"ok\":true}");
    assertThat(TestPager.word(pager.store, part * PAGES + page)).isEqualTo(stored[page]);
  }

  private static String range(String verb, int page) {
    return "{\"do\":\""
        + verb
        + "\",\"region\":0,\"offset\":"
        + page * TestClient.PAGE
        + ",\"length\":4096}";
  }

  @Test
  void memoryShowsTheStoreAndNotWhatTheMemfdHadBefore() throws Exception {
    try (TestPager pager = new TestPager(directory, BUFFER_PAGES, 4);
        TestClient client = new TestClient(pager.socket, 4)) {
      TestClient other = new TestClient(pager.socket, 4);
      other.handOver();
      other.store(1, 17);
      assertThat(other.request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      other.close();
      assertThat(client.handOver()).contains("\"ok\":true");
      assertThat(client.load(0)).isZero();
      assertThat(client.load(1)).isEqualTo(17);
    }
  }

  @Test
  void oneClientTooManyIsRefusedUntilAnotherLeaves() throws Exception {
    List<TestClient> clients = new ArrayList<>();
    try (TestPager pager = new TestPager(directory, BUFFER_PAGES, PAGES)) {
      for (int i = 0; i < TestPager.MAX_CLIENTS; i++) {
        TestClient client = new TestClient(pager.socket, 4);
        clients.add(client);
        String part = ",\"store_offset\":" + i * (4 * TestClient.PAGE);
        assertThat(client.handOver(client.region(part))).contains("\"ok\":true");
      }
      try (TestClient more = new TestClient(pager.socket, 4)) {
        assertThat(more.handOver()).contains("\"ok\":false").contains("has 4 clients, its limit");
      }
      assertThat(clients.getLast().request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> pager.server.clients() < TestPager.MAX_CLIENTS);
      String part = ",\"store_offset\":" + 100 * TestClient.PAGE;
      try (TestClient next = new TestClient(pager.socket, 4)) {
        assertThat(next.handOver(next.region(part))).contains("\"ok\":true");
        next.store(0, 3);
        assertThat(next.load(0)).isEqualTo(3);
      }
    } finally {
      clients.forEach(TestClient::close);
    }
  }

  /** So that no access of the pager to its memory can fail. */
  @Test
  void clientCannotTruncateItsMemfd() throws Exception {
    try (TestPager pager = new TestPager(directory, BUFFER_PAGES, PAGES);
        TestClient client = new TestClient(pager.socket, PAGES)) {
      client.handOver();
      client.store(1, 17);
      try (FileChannel memfd =
          FileChannel.open(
              Path.of("/proc/self/fd/" + client.file.fd()), StandardOpenOption.WRITE)) {
        assertThatThrownBy(() -> memfd.truncate(0)).isInstanceOf(IOException.class);
      }
      assertThat(client.request("{\"do\":\"flush\"}")).isEqualTo("{\"ok\":true}");
      assertThat(client.load(1)).isEqualTo(17);
    }
  }
}
