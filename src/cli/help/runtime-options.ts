/** Of every command that asks the runtimes. */
export const runtimeOptions = `  -r, --runtime-endpoint ENDPOINT  a runtime's socket, unix:///run/...; more
                         can be given; default: CONTAINER_RUNTIME_ENDPOINT,
                         or what crictl's file says, else every known socket
  -i, --image-endpoint ENDPOINT  of its images where that is another
                         (IMAGE_SERVICE_ENDPOINT)
  -t, --timeout TIME     how long each call may take; default 5s
  -c, --crictl-config FILE  instead of /etc/crictl.yaml (CRI_CONFIG_FILE)
      --host-root DIR    where the host's file system begins; default /
`;
