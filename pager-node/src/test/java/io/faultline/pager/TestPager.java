package io.faultline.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.paging.PagerOptions;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A pager with its socket and stores in a directory. Skips the test if the kernel cannot page. */
final class TestPager implements AutoCloseable {
  static final int MAX_CLIENTS = 4;

  final List<String> events = new CopyOnWriteArrayList<>();
  final Path socket;
  final Path store;
  final SharedMemoryPager pager;
  final PagerServer server;
  private final Stores stores;

  TestPager(Path directory, long bufferPages, long storePages) throws IOException {
    this(directory, bufferPages, storePages, null);
  }

  TestPager(Path directory, long bufferPages, long storePages, @Nullable Path root)
      throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    LinuxKernel kernel = new LinuxKernel();
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.WP_HUGETLBFS_SHMEM),
        "the kernel has no write protection of shared memory, or refuses userfaultfd");
    socket = directory.resolve("socket");
    store = directory.resolve("store");
    create(store, storePages * TestClient.PAGE);
    pager = SharedMemoryPager.open(kernel, PagerOptions.of(bufferPages * TestClient.PAGE));
    stores = new Stores(store, root);
    server = PagerServer.start(kernel, pager, stores, new Events(), socket, MAX_CLIENTS);
  }

  /** Creates a file of zeros. */
  static void create(Path file, long bytes) throws IOException {
    if (!Files.exists(file)) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(1), bytes - 1);
      }
    }
  }

  /** The first word of a page of a file, as a client sees it. */
  static long word(Path file, long page) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(word, page * TestClient.PAGE);
    }
    return word.getLong(0);
  }

  /** Waits until everything is written back. */
  void awaitNoClients() throws InterruptedException {
    assertThat(server.awaitNoClients(60_000_000_000L)).isTrue();
  }

  private final class Events implements PagerEvents {
    @Override
    public void accepted(String client, int regions, long bytes) {
      events.add("accepted");
    }

    @Override
    public void refused(String client, String why) {
      events.add("refused: " + why);
    }

    @Override
    public void left(String client) {
      events.add("left");
    }

    @Override
    public void failed(String client, String what) {
      events.add("failed: " + what);
    }
  }

  @Override
  public void close() {
    server.close();
    pager.close();
    stores.close();
  }
}
