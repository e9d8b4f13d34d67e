package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class GuestStateTest {
  private static final ByteString DEVICES = ByteString.copyFromUtf8("devices");

  @Test
  void stateBeginsWithThatOfTheDevicesWhichIsSentFirst() {
    for (boolean running : new boolean[] {true, false}) {
      GuestState state = new GuestState(running, DEVICES);
      assertThat(state.encode().startsWith(DEVICES)).isTrue();
      assertThat(GuestState.decode(state.encode())).isEqualTo(state);
    }
  }

  @Test
  void endOfTheStateSaysWhetherTheGuestRan() {
    ByteString all = new GuestState(false, DEVICES).encode();
    assertThat(GuestState.decode(all.substring(DEVICES.size())).running()).isFalse();
  }

  @Test
  void otherStatesAreRefused() {
    for (String other : new String[] {"", "RQEVM}"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> GuestState.decode(ByteString.copyFromUtf8(other)))
          .withMessageContaining("another version wrote it");
    }
  }
}
