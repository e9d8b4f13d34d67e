package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;

/**
 * Who is told of the steps of a migration by which its VM changes hands, so that they are known
 * when the process is gone. Each call returns when what it tells would be found again; all come
 * from one thread at a time, some while the VM is paused.
 */
public interface OwnershipLog {
  /** Keeps nothing: the migration ends with its process. */
  OwnershipLog NONE =
      new OwnershipLog() {
        @Override
        public void connected(SharedKey key) {
          // nobody will ask
        }

        @Override
        public void paused(ByteString deviceState) {
          // as above
        }

        @Override
        public void committed() {
          // as above
        }

        @Override
        public void released() {
          // as above
        }

        @Override
        public void completed() {
          // as above
        }
      };

  /** The destination has given this migration a key, which later connections prove they know. */
  void connected(SharedKey key) throws IOException;

  /** The VM is paused, memory does not change any more, and this is the state of the rest. */
  void paused(ByteString deviceState) throws IOException;

  /** RUN is about to be sent. It is not, where this fails: the VM goes on here. */
  void committed() throws IOException;

  /** The migration has ended before RUN, and the VM is about to go on here. */
  void released() throws IOException;

  /** The destination has all of the VM. */
  void completed() throws IOException;
}
