/** What a worker is told as the frame is: to be compared. In the order of the bits of `worker`. */
export function identity(): unknown[] {
  const scope = navigator as Navigator & { deviceMemory?: number; userAgentData?: { platform: string } };
  return [
    scope.userAgent,
    scope.platform,
    String(scope.languages),
    scope.hardwareConcurrency,
    scope.deviceMemory,
    Intl.DateTimeFormat().resolvedOptions().timeZone,
    scope.userAgentData?.platform,
  ];
}
