package io.faultline.pager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client may set for a region in its handshake, on the real kernel. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegionSettingsTest {
  private static final int PAGES = 1024;
  private static final int BUFFER_PAGES = 1024;
  private static final int MOST = 64;
  private static final String DATA = ",\"store\":\"data\"";

  @TempDir Path directory;
  private Path stores;
  private Path data;

  @BeforeEach
  void createStores() throws IOException {
    stores = Files.createDirectory(directory.resolve("stores"));
    data = stores.resolve("data");
    TestPager.create(data, PAGES * TestClient.PAGE);
  }

  private TestPager pager() throws IOException {
    return new TestPager(directory, BUFFER_PAGES, 2 * PAGES, stores);
  }

  private static long stat(TestClient client, String name) throws IOException {
    String stats = client.request("{\"do\":\"stats\"}");
    Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(stats);
    assertThat(found.find()).as(stats).isTrue();
    return Long.parseLong(found.group(1));
  }

  private static String readOnly(TestClient client) {
    return client.region(DATA).replace("\"writable\":true", "\"writable\":false");
  }

  @Test
  void regionHasAtMostItsMostInMemoryThoughTheBufferIsFree() throws Exception {
    try (TestPager pager = pager();
        TestClient client = new TestClient(pager.socket, PAGES)) {
      String most = ",\"advice\":\"random\",\"most_bytes\":" + MOST * TestClient.PAGE;
      assertThat(client.handOver(client.region(most))).contains("\"ok\":true");
      for (int page = 0; page < PAGES; page++) {
        client.store(page, page + 1);
        if (page % 32 == 0) {
          assertThat(stat(client, "resident_bytes")).isLessThanOrEqualTo(MOST * TestClient.PAGE);
        }
      }
      for (int page = 0; page < PAGES; page++) {
        assertThat(client.load(page)).isEqualTo(page + 1);
      }
    }
  }

  @Test
  void regionKeepsItsLeastWhileAnotherClientNeedsTheBuffer() throws Exception {
    try (TestPager pager = new TestPager(directory, 256, 2 * PAGES, stores);
        TestClient kept = new TestClient(pager.socket, MOST);
        TestClient other = new TestClient(pager.socket, PAGES)) {
      String least = ",\"advice\":\"random\",\"least_bytes\":" + MOST * TestClient.PAGE;
      assertThat(kept.handOver(kept.region(least))).contains("\"ok\":true");
      String after = ",\"store_offset\":" + PAGES * TestClient.PAGE;
      assertThat(other.handOver(other.region(after))).contains("\"ok\":true");
      for (int page = 0; page < MOST; page++) {
        kept.store(page, page + 1);
      }
      for (int page = 0; page < PAGES; page++) {
        other.store(page, page);
      }
      assertThat(stat(kept, "resident_bytes")).isEqualTo(MOST * TestClient.PAGE);
    }
  }

  @Test
  void accessesThatAreAnnouncedAsSequentialAreReadInWideWindowsFromTheFirstOn() throws Exception {
    try (TestPager pager = pager()) {
      assertThat(pagesReadByOneAccess(pager, "sequential")).isGreaterThan(8);
      assertThat(pagesReadByOneAccess(pager, "random")).isEqualTo(1);
    }
  }

  private static long pagesReadByOneAccess(TestPager pager, String advice) throws Exception {
    try (TestClient client = new TestClient(pager.socket, PAGES)) {
      String region = client.region(",\"advice\":\"" + advice + "\"");
      assertThat(client.handOver(region)).contains("\"ok\":true");
      long before = stat(client, "pages_read");
      assertThat(client.load(PAGES / 2)).isZero();
      long read = stat(client, "pages_read") - before;
      assertThat(client.request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      return read;
    } finally {
      pager.awaitNoClients();
    }
  }

  @Test
  void storeOfRegionsThatAreNotWritableIsOpenForReadingAloneAndShared() throws Exception {
    try (TestPager pager = pager();
        TestClient first = new TestClient(pager.socket, PAGES);
        TestClient second = new TestClient(pager.socket, PAGES)) {
      assertThat(first.handOver(readOnly(first))).contains("\"ok\":true");
      assertThat(second.handOver(readOnly(second))).contains("\"ok\":true");
      assertThat(first.load(PAGES - 1)).isZero();
      assertThat(second.load(PAGES - 1)).isZero();
      assertThat(accessModes(data)).isNotEmpty().containsOnly(0);
      assertThat(first.request("{\"do\":\"discard\",\"region\":0,\"length\":4096}"))
          .contains("\"ok\":false")
          .contains("is read-only");
      try (TestClient writer = new TestClient(pager.socket, PAGES)) {
        assertThat(writer.handOver(writer.region(DATA)))
            .contains("\"ok\":false")
            .contains("is open for reading");
      }
      assertThat(first.request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      assertThat(second.request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      pager.awaitNoClients();
      assertThat(accessModes(data)).isEmpty();
      try (TestClient writer = new TestClient(pager.socket, PAGES)) {
        assertThat(writer.handOver(writer.region(DATA))).contains("\"ok\":true");
        writer.store(0, 5);
      }
      pager.awaitNoClients();
      assertThat(TestPager.word(data, 0)).isEqualTo(5);
    }
  }

  /** How this process has a file open: 0 for reading alone. */
  private static List<Integer> accessModes(Path file) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .filter(descriptor -> leadsTo(descriptor, file))
          .map(RegionSettingsTest::accessMode)
          .toList();
    }
  }

  private static boolean leadsTo(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
    } catch (IOException e) { // closed meanwhile
      return false;
    }
  }

  private static int accessMode(Path descriptor) {
    Path info = Path.of("/proc/self/fdinfo").resolve(descriptor.getFileName());
    try (Stream<String> lines = Files.lines(info)) {
      String flags = lines.filter(line -> line.startsWith("flags:")).findFirst().orElseThrow();
      return Integer.parseInt(flags.replaceAll("\\D", ""), 8) & 3;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
