package io.faultline.pager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client may send that the pager refuses; the next client is served all the same. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RefusedHandshakesTest {
  private static final int PAGES = 8;

  @TempDir Path directory;

  /** Sends a handshake with descriptors, and returns the answer. */
  private interface Handshake {
    String answer(TestClient client) throws Exception;
  }

  private Path stores;
  private TestPager pager;
  private long lastValue;

  @BeforeEach
  void start() throws Exception {
    stores = Files.createDirectory(directory.resolve("stores"));
    TestPager.create(stores.resolve("small"), 3 * TestClient.PAGE + 100);
    pager = new TestPager(directory, 64, 2 * PAGES, stores);
  }

  @AfterEach
  void end() {
    pager.close();
  }

  private void refuses(String why, Handshake handshake) throws Exception {
    try (TestClient client = new TestClient(pager.socket, PAGES)) {
      assertThat(handshake.answer(client)).contains("\"ok\":false").contains(why);
    }
    pager.awaitNoClients();
    assertThat(pager.events).anyMatch(event -> event.contains("refused") && event.contains(why));
    long value = ++lastValue;
    try (TestClient next = new TestClient(pager.socket, PAGES)) {
      assertThat(next.handOver()).contains("\"ok\":true");
      next.store(PAGES - 1, value);
      assertThat(next.load(PAGES - 1)).isEqualTo(value);
    }
    pager.awaitNoClients();
    assertThat(TestPager.word(pager.store, PAGES - 1)).isEqualTo(value);
  }

  private static String with(TestClient client, String text, int... descriptors) throws Exception {
    client.send(text, descriptors);
    return client.readLine();
  }

  private static String replaced(TestClient client, String from, String to) throws Exception {
    assertThat(client.region()).contains(from);
    return client.handOver(client.region().replace(from, to));
  }

  @Test
  void otherNumbersOfDescriptors() throws Exception {
    refuses("no descriptors", client -> with(client, "[" + client.region() + "]\n"));
    refuses(
        "Firecracker's protocol",
        client -> with(client, "[" + client.region() + "]\n", client.uffd.fd()));
    refuses(
        "more than two descriptors",
        client ->
            with(
                client,
                "[" + client.region() + "]\n",
                client.uffd.fd(),
                client.file.fd(),
                client.file.fd()));
  }

  @Test
  void otherDescriptors() throws Exception {
    refuses(
        "the first descriptor",
        client -> with(client, "[" + client.region() + "]\n", client.file.fd(), client.uffd.fd()));
    refuses(
        "not a memory file",
        client -> with(client, "[" + client.region() + "]\n", client.uffd.fd(), client.uffd.fd()));
  }

  /** Its process could truncate it. */
  @Test
  void memoryThatCannotBeSealed() throws Exception {
    Path path = Files.createTempFile(Path.of("/dev/shm"), "faultline-test", "");
    try (MemoryFile named = new LinuxKernel().openFile(path, PAGES * TestClient.PAGE)) {
      refuses(
          "MFD_ALLOW_SEALING",
          client -> with(client, "[" + client.region() + "]\n", client.uffd.fd(), named.fd()));
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void otherFeatures() throws Exception {
    refuses(
        "EVENT_REMOVE",
        client -> {
          try (TestClient other =
              new TestClient(
                  pager.socket,
                  PAGES,
                  Feature.PAGEFAULT_FLAG_WP,
                  Feature.MISSING_SHMEM,
                  Feature.MINOR_SHMEM,
                  Feature.WP_HUGETLBFS_SHMEM,
                  Feature.EVENT_REMOVE)) {
            return other.handOver();
          }
        });
  }

  @Test
  void textThatIsNoHandshake() throws Exception {
    refuses("not JSON", client -> client.handOver("{\"base_host_virt_addr\":"));
    refuses("no JSON object", client -> client.handOver("17"));
    refuses("JSON array", client -> with(client, "{}\n", client.uffd.fd(), client.file.fd()));
    refuses("JSON array", client -> with(client, "[]\n", client.uffd.fd(), client.file.fd()));
  }

  @Test
  void regionsThatAreImpossible() throws Exception {
    refuses(
        "base_host_virt_addr",
        client -> replaced(client, "" + client.address, "" + (client.address + 8)));
    refuses("no multiple", client -> replaced(client, "\"offset\":0", "\"offset\":100"));
    refuses("ends at offset", client -> replaced(client, "\"offset\":0", "\"offset\":4096"));
    refuses("page_size", client -> replaced(client, "e\":4096", "e\":2097152"));
    refuses("is negative", client -> replaced(client, "\"offset\":0", "\"offset\":-4096"));
    refuses("whole number", client -> replaced(client, "\"offset\":0", "\"offset\":\"0\""));
    refuses("true or false", client -> replaced(client, "writable\":true", "writable\":1"));
    refuses("overlap", client -> client.handOver(client.region() + "," + client.region()));
    refuses(
        "is not known: leave it out", client -> client.handOver(client.region(",\"most_byte\":1")));
  }

  @Test
  void settingsThatAreImpossible() throws Exception {
    refuses(
        "must be one of normal, sequential, random",
        client -> client.handOver(client.region(",\"advice\":\"fast\"")));
    refuses("must be text", client -> client.handOver(client.region(",\"advice\":1")));
    refuses("is negative", client -> client.handOver(client.region(",\"most_bytes\":-1")));
    refuses("whole number", client -> client.handOver(client.region(",\"least_bytes\":\"1m\"")));
    refuses(
        "most_bytes 4096 is less than least_bytes 8192",
        client -> client.handOver(client.region(",\"least_bytes\":8192,\"most_bytes\":4096")));
    refuses(
        "may have at most 4096 bytes of the buffer: must be at least 16384",
        client -> client.handOver(client.region(",\"most_bytes\":4096")));
    refuses(
        "can be promised; give it less, or enlarge the buffer",
        client -> client.handOver(client.region(",\"least_bytes\":1048576")));
  }

  /** The sum counts, over all clients. */
  @Test
  void budgetsThatAddUpToMoreThanTheBuffer() throws Exception {
    String half = ",\"least_bytes\":" + 32 * TestClient.PAGE;
    refuses(
        "of which others have 131072",
        client -> {
          try (TestClient first = new TestClient(pager.socket, PAGES)) {
            String other = first.region(half + ",\"store_offset\":32768");
            assertThat(first.handOver(other)).contains("\"ok\":true");
            return client.handOver(client.region(half));
          }
        });
  }

  @Test
  void memoryThatIsNotMapped() throws Exception {
    refuses(
        "UFFDIO_REGISTER",
        client -> replaced(client, Long.toString(client.address), Long.toString(1L << 45)));
  }

  @Test
  void storesThatCannotBeUsed() throws Exception {
    refuses("does not exist", client -> client.handOver(client.region(",\"store\":\"none\"")));
    refuses("enlarge the store", client -> client.handOver(client.region(",\"store\":\"small\"")));
    refuses("no file below", client -> client.handOver(client.region(",\"store\":\"/etc/hosts\"")));
    Path link = Files.createSymbolicLink(stores.resolve("link"), Path.of("/etc/hosts"));
    refuses("no file below", client -> client.handOver(client.region(",\"store\":\"link\"")));
    Files.delete(link);
    refuses(
        "is in use",
        client -> {
          try (TestClient first = new TestClient(pager.socket, PAGES)) {
            assertThat(first.handOver()).contains("\"ok\":true");
            return client.handOver();
          }
        });
  }

  /** Whichever of several regions is refused, the others keep what they had. */
  @Test
  void severalRegionsOfWhichOneIsRefused() throws Exception {
    refuses("does not exist", client -> halves(client, "", ",\"store\":\"none\""));
    refuses("is in use", client -> halves(client, "", ",\"store_offset\":0"));
    refuses("can be promised", client -> halves(client, "", ",\"least_bytes\":1048576"));
    refuses("ends at offset", client -> halves(client, "", ",\"offset\":" + PAGES * 4096));
  }

  /** Hands over both halves of the memory; the settings of the second one come last. */
  private static String halves(TestClient client, String first, String second) throws Exception {
    long other = client.kernel.map(MapRequest.sharedFile(client.file)); // not registered
    try {
      for (int page = 0; page < PAGES; page++) {
        client.kernel.guestStore(other + page * TestClient.PAGE, page + 1);
      }
      long half = client.bytes / 2;
      String answer = client.handOver(half(client, 0, first) + "," + half(client, half, second));
      for (int page = 0; page < PAGES; page++) {
        assertThat(client.kernel.guestLoad(other + page * TestClient.PAGE)).isEqualTo(page + 1);
      }
      return answer;
    } finally {
      client.kernel.unmap(other, client.bytes);
    }
  }

  private static String half(TestClient client, long offset, String more) {
    String place = more.contains("\"offset\"") ? "" : ",\"offset\":" + offset;
    return "{\"base_host_virt_addr\":"
        + (client.address + offset)
        + ",\"size\":"
        + client.bytes / 2
        + ",\"page_size\":4096,\"writable\":true"
        + (more.contains("store_offset") ? "" : ",\"store_offset\":" + offset)
        + place
        + more
        + "}";
  }

  @Test
  void memoryThatIsPagedAlready() throws Exception {
    refuses(
        "is paged already",
        client -> {
          try (TestClient first = new TestClient(pager.socket, PAGES)) {
            String other = first.region(",\"store_offset\":32768");
            assertThat(first.handOver(other)).contains("\"ok\":true");
            return with(client, "[" + client.region() + "]\n", client.uffd.fd(), first.file.fd());
          }
        });
  }

  /** They are served, or their end is noticed. */
  @Test
  void handshakesInPartsAndWithoutEnd() throws Exception {
    DescriptorConnection.connect(pager.socket).close();
    try (TestClient early = new TestClient(pager.socket, PAGES)) {
      early.send("[", early.uffd.fd(), early.file.fd());
    }
    pager.awaitNoClients();
    try (TestClient slow = new TestClient(pager.socket, PAGES)) {
      slow.send("[", slow.uffd.fd(), slow.file.fd());
      Thread.sleep(20);
      slow.send(slow.region());
      Thread.sleep(20);
      slow.send("]\n");
      assertThat(slow.readLine()).contains("\"ok\":true");
      assertThat(slow.load(0)).isZero();
    }
  }

  @Test
  void requestsThatAreNone() throws Exception {
    try (TestClient client = new TestClient(pager.socket, PAGES)) {
      client.handOver();
      assertThat(client.request("flush")).contains("not JSON");
      assertThat(client.request("[]")).contains("no JSON object");
      assertThat(client.request("{}")).contains("missing");
      assertThat(client.request("{\"do\":\"sync\"}"))
          .contains("must be one of flush, prefetch, discard, advise, pin");
      assertThat(client.request("{\"do\":\"flush\",\"region\":1}")).contains("does not exist");
      assertThat(client.request("{\"do\":\"flush\",\"offset\":4096}")).contains("needs the region");
      assertThat(client.request("{\"do\":\"discard\",\"region\":0,\"offset\":1,\"length\":4096}"))
          .contains("whole pages");
      assertThat(client.request("{\"do\":\"unpin\",\"region\":0,\"length\":4096}"))
          .contains("page 0 is not pinned");
      assertThat(client.request("{\"do\":\"flush\",\"region\":0,\"offset\":9999999}"))
          .contains("\"ok\":false");
      assertThat(client.request("{\"do\":\"advise\",\"advice\":\"fast\"}"))
          .contains("normal, sequential, random");
      assertThat(client.request("x".repeat(100_000))).contains("a line of 100000 bytes");
      assertThat(client.request("{\"do\":\"advise\",\"advice\":\"random\"}"))
          .isEqualTo("{\"ok\":true}");
    }
  }

  /** It blocks only itself: its faults are served, and so are other clients. */
  @Test
  void clientThatDoesNotReadItsAnswers() throws Exception {
    try (TestClient other = new TestClient(pager.socket, PAGES)) {
      try (TestClient deaf = new TestClient(pager.socket, PAGES)) {
        assertThat(deaf.handOver()).contains("\"ok\":true");
        assertThat(other.handOver(other.region(",\"store_offset\":32768"))).contains("\"ok\":true");
        byte[] requests = "{\"do\":\"stats\"}\n".repeat(100_000).getBytes(UTF_8);
        sendUntilFull(deaf, requests);
        deaf.store(3, 4);
        assertThat(deaf.load(3)).isEqualTo(4);
        other.store(0, 1);
        assertThat(other.request("{\"do\":\"flush\"}")).isEqualTo("{\"ok\":true}");
      }
      assertThat(other.request("{\"do\":\"close\"}")).isEqualTo("{\"ok\":true}");
      pager.awaitNoClients();
      assertThat(TestPager.word(pager.store, 3)).isEqualTo(4);
    }
  }

  private static void sendUntilFull(TestClient client, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int sent = 0;
      while (sent < bytes.length) {
        int result = client.connection.send(memory.address() + sent, bytes.length - sent);
        if (result == DescriptorConnection.WOULD_BLOCK && !client.connection.awaitWritable(500)) {
          return;
        }
        sent += Math.max(0, result);
      }
    }
    throw new AssertionError("the pager never stops reading");
  }
}
