package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Records the steps of a migration that decide which side owns the VM, so that a later process can
 * find out. Each method returns once its record would survive the process. The migration calls them
 * from one thread at a time, some of them while the VM is paused.
 */
public interface OwnershipLog {
  /** Records nothing: the migration ends with its process. */
  OwnershipLog NONE =
      new OwnershipLog() {
        @Override
        public void connected(SharedKey key) {
          // not recorded
        }

        @Override
        public void destinationAdded(InetSocketAddress address) {
          // not recorded
        }

        @Override
        public void paused(ByteString deviceState) {
          // not recorded
        }

        @Override
        public void committed() {
          // not recorded
        }

        @Override
        public void released() {
          // not recorded
        }

        @Override
        public void completed() {
          // not recorded
        }
      };

  /** The destination has issued a session key, which later connections must prove to know. */
  void connected(SharedKey key) throws IOException;

  /** Another address of the destination is known, which a later process is to try first. */
  void destinationAdded(InetSocketAddress address) throws IOException;

  /** The VM is paused: its memory does not change, and this is its device state. */
  void paused(ByteString deviceState) throws IOException;

  /** RUN is about to be sent. If this fails, RUN is not sent, and the VM resumes at the source. */
  void committed() throws IOException;

  /**
   * The migration has ended before RUN, and the VM is about to resume at the source; one that does
   * not end with this process has resumed.
   */
  void released() throws IOException;

  /** The destination has the whole VM. */
  void completed() throws IOException;
}
