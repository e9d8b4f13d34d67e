/** CRIU's page server protocol and the server's roles. */
@NullMarked
package io.faultline.restore.pageserver;

import org.jspecify.annotations.NullMarked;
