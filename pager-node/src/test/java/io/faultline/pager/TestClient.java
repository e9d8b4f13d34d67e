package io.faultline.pager;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Set;

/**
 * A client of a pager, in this process or another: a memfd, mapped and registered with a
 * userfaultfd.
 */
final class TestClient implements AutoCloseable {
  static final long PAGE = 4096;
  private static final int ANSWER_MILLIS = 60_000;
  private static final Feature[] FEATURES = {
    Feature.PAGEFAULT_FLAG_WP,
    Feature.MISSING_SHMEM,
    Feature.MINOR_SHMEM,
    Feature.WP_HUGETLBFS_SHMEM
  };

  final LinuxKernel kernel = new LinuxKernel();
  final DescriptorConnection connection;
  final Userfaultfd uffd;
  final MemoryFile file;
  final long address;
  final long bytes;

  TestClient(Path socket, long pages) {
    this(socket, pages, FEATURES);
  }

  TestClient(Path socket, long pages, Feature... features) {
    bytes = pages * PAGE;
    file = kernel.createFile("client", bytes, PageSize.BASE);
    address = kernel.map(MapRequest.sharedFile(file));
    uffd = kernel.openUserfaultfd(OpenOptions.of(features));
    uffd.register(
        address,
        bytes,
        Set.of(RegisterMode.MISSING, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT));
    connection = DescriptorConnection.connect(socket);
  }

  /** The handshake for all of the memory. */
  String region() {
    return region("");
  }

  /**
   * The handshake for all of the memory.
   *
   * @param more keys, each with a comma before
   */
  String region(String more) {
    return "{\"base_host_virt_addr\":"
        + address
        + ",\"size\":"
        + bytes
        + ",\"offset\":0,\"page_size\":4096,\"writable\":true"
        + more
        + "}";
  }

  /** Hands over the memory; returns the answer. */
  String handOver() throws IOException {
    return handOver(region());
  }

  String handOver(String region) throws IOException {
    send("[" + region + "]\n", uffd.fd(), file.fd());
    return readLine();
  }

  /** Sends text with descriptors. */
  void send(String text, int... descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] all = text.getBytes(UTF_8);
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, all);
      int sent = 0;
      while (sent < all.length) {
        int result =
            sent == 0
                ? connection.send(memory.address(), all.length, descriptors)
                : connection.send(memory.address() + sent, all.length - sent);
        if (result == DescriptorConnection.END) {
          return; // the pager has closed the connection, and its answer says why
        }
        if (result == DescriptorConnection.WOULD_BLOCK) {
          connection.awaitWritable(ANSWER_MILLIS);
        }
        sent += Math.max(0, result);
      }
    }
  }

  /** Sends a request; returns the answer. */
  String request(String request) throws IOException {
    send(request + "\n");
    return readLine();
  }

  /** The next line, without its end. */
  String readLine() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment next = arena.allocate(1);
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      while (true) {
        int read = connection.read(next.address(), 1);
        if (read == DescriptorConnection.END) {
          throw new EOFException("after '" + line.toString(UTF_8) + "'");
        }
        if (read == DescriptorConnection.WOULD_BLOCK) {
          if (!connection.awaitReadable(ANSWER_MILLIS)) {
            throw new IOException("no answer");
          }
        } else if (next.get(ValueLayout.JAVA_BYTE, 0) == '\n') {
          return line.toString(UTF_8);
        } else {
          line.write(next.get(ValueLayout.JAVA_BYTE, 0));
        }
      }
    }
  }

  long load(long page) {
    return kernel.guestLoad(address + page * PAGE);
  }

  void store(long page, long value) {
    kernel.guestStore(address + page * PAGE, value);
  }

  /** Leaves: memory and descriptors are gone. */
  @Override
  public void close() {
    connection.close();
    kernel.unmap(address, bytes);
    uffd.close();
    file.close();
  }
}
