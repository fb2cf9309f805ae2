module.exports = { kettle: 'steel' };
