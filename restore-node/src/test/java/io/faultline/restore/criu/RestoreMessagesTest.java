package io.faultline.restore.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The messages of CRIU, good and bad, over a real socket. */
class RestoreMessagesTest implements RestoreListener {
  private static final int FINISHED = 0x52535446;

  private final List<String> told = new ArrayList<>();
  private final Arena arena = Arena.ofConfined();
  private DescriptorListener listener;
  private DescriptorConnection criu;
  private DescriptorConnection accepted;
  private RestoreMessages messages;
  private boolean closesWhenRestored;

  @BeforeEach
  void connect(@TempDir Path directory) {
    listener = DescriptorListener.listen(directory.resolve(RestoreSocket.NAME), 1);
    criu = DescriptorConnection.connect(directory.resolve(RestoreSocket.NAME));
    accepted = Objects.requireNonNull(listener.accept());
    messages = new RestoreMessages(accepted, this);
  }

  @AfterEach
  void close() {
    if (!closesWhenRestored) {
      messages.close();
    }
    accepted.close();
    criu.close();
    listener.close();
    arena.close();
  }

  @Test
  void tasksZombiesAndTheEnd() throws RestoreException {
    word(5000);
    descriptors(1, 1);
    word(-5001);
    word(70);
    descriptors(1, 1);
    word(FINISHED);
    assertThat(messages.read()).isTrue();
    criu.close();
    assertThat(messages.read()).isFalse();
    assertThat(told).containsExactly("task 5000", "zombie 5001", "task 70", "restored");
  }

  @Test
  void messagesMayComeByteForByte() throws RestoreException {
    for (byte next : new byte[] {(byte) 0x88, 0x13, 0, 0}) { // 5000
      bytes(next);
      assertThat(messages.read()).isTrue();
      assertThat(told).isEmpty();
    }
    descriptors(1, 1);
    assertThat(messages.read()).isTrue();
    assertThat(told).containsExactly("task 5000");
  }

  @Test
  void twoDescriptorsAreRefused() {
    word(5000);
    descriptors(1, 2);
    refuses("2 descriptors came with process 5000, not one userfaultfd");
  }

  @Test
  void moreDescriptorsThanFitAreRefused() {
    word(5000);
    descriptors(1, 5);
    refuses("more than 2 descriptors came with process 5000");
  }

  @Test
  void noDescriptorIsRefused() {
    word(5000);
    bytes((byte) 0);
    refuses("0 descriptors came with process 5000");
  }

  @Test
  void absurdProcessIdsAreRefused() {
    word(0);
    refuses("it sent the process id 0");
    word(Integer.MIN_VALUE);
    refuses("it sent the process id -2147483648");
  }

  @Test
  void endWithinAMessageIsNamed() {
    bytes((byte) 1, (byte) 2);
    criu.close();
    refuses("it ended within a message");
  }

  @Test
  void endBeforeTheDescriptorIsNamed() {
    word(5000);
    criu.close();
    refuses("it ended within a message");
  }

  @Test
  void listenerMayEndIt() throws RestoreException {
    closesWhenRestored = true;
    word(FINISHED);
    word(-5001);
    assertThat(messages.read()).isTrue();
    assertThat(told).containsExactly("restored");
  }

  private void refuses(String problem) {
    assertThatThrownBy(messages::read)
        .isInstanceOf(RestoreException.class)
        .hasMessageContaining(problem);
    assertThat(told).isEmpty();
  }

  private void word(int value) {
    MemorySegment bytes = arena.allocate(4);
    bytes.set(ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN), 0, value);
    assertThat(criu.send(bytes.address(), 4)).isEqualTo(4);
  }

  private void bytes(byte... values) {
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, values);
    assertThat(criu.send(bytes.address(), values.length)).isEqualTo(values.length);
  }

  /** Sends bytes with so many descriptors: the socket's own, which any process may send. */
  private void descriptors(int count, int descriptors) {
    MemorySegment bytes = arena.allocate(count);
    int[] sent = new int[descriptors];
    Arrays.fill(sent, listener.fd());
    assertThat(criu.send(bytes.address(), count, sent)).isEqualTo(count);
  }

  @Override
  public void connected(int criuPid) {}

  @Override
  public void task(int pid, int descriptor) {
    told.add("task " + pid);
    FileDescriptors.close(descriptor);
  }

  @Override
  public void zombie(int pid) {
    told.add("zombie " + pid);
  }

  @Override
  public void restored() {
    told.add("restored");
    if (closesWhenRestored) {
      messages.close();
    }
  }

  @Override
  public void closed(String problem) {}
}
