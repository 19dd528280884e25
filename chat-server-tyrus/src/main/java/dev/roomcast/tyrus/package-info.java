/** The WebSocket endpoint, and the embedded server. */
@NullMarked
package dev.roomcast.tyrus;

import org.jspecify.annotations.NullMarked;
