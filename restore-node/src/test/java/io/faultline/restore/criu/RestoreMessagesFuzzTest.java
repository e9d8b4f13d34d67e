package io.faultline.restore.criu;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** Any bytes with any descriptors: decoded or refused, and no descriptor stays open. */
final class RestoreMessagesFuzzTest {
  private static final int MAX_SENDS = 32;

  @FuzzTest(maxDuration = "2s")
  void anyPeerIsReadOrRefused(FuzzedDataProvider input) throws IOException {
    Path directory = Files.createTempDirectory("fl-fuzz");
    Path socket = directory.resolve(RestoreSocket.NAME);
    try (Arena arena = Arena.ofConfined();
        DescriptorListener listener = DescriptorListener.listen(socket, 1);
        DescriptorConnection criu = DescriptorConnection.connect(socket);
        DescriptorConnection accepted = Objects.requireNonNull(listener.accept());
        RestoreMessages messages = new RestoreMessages(accepted, new Closing())) {
      long open = openSockets();
      for (int i = 0; i < MAX_SENDS && input.remainingBytes() > 0; i++) {
        send(input, arena, criu, listener.fd());
        if (input.consumeBoolean()) {
          messages.read();
        }
      }
      messages.read();
      assertThat(openSockets()).isEqualTo(open);
    } catch (RestoreException e) {
      assertThat(e.getMessage()).isNotBlank();
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static void send(
      FuzzedDataProvider input, Arena arena, DescriptorConnection criu, int descriptor) {
    byte[] bytes = input.consumeBytes(input.consumeInt(1, 6));
    int[] descriptors = new int[input.consumeInt(0, 3)];
    Arrays.fill(descriptors, descriptor);
    if (bytes.length > 0) {
      MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int sent = criu.send(segment.address(), bytes.length, descriptors);
      assertThat(sent).isEqualTo(bytes.length);
    }
  }

  /** All that is sent is a socket. The JVM opens and closes files of its own meanwhile. */
  private static long openSockets() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(RestoreMessagesFuzzTest::isSocket).count();
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  /** Closes what it gets. */
  private static final class Closing implements RestoreListener {
    @Override
    public void connected(int criuPid) {}

    @Override
    public void task(int pid, int descriptor) {
      FileDescriptors.close(descriptor);
    }

    @Override
    public void zombie(int pid) {}

    @Override
    public void restored() {}

    @Override
    public void closed(String problem) {}
  }
}
